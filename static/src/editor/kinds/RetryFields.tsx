import type { ReactElement } from "react";
import { isObject, type Json, type JsonObject } from "../../model/document";
import * as edits from "../../model/edits";
import { t, tn } from "../../words/t";
import { pointer } from "../forms/At";
import { Choice, NamesField, NumberField, TextField } from "./fields";

interface Props {
  readonly id: string;
  /** What holds `retry` and the timeouts: the node, or the body of a map. */
  readonly call: Readonly<Record<string, Json | undefined>>;
  readonly path: readonly string[];
  /** What the tool says of itself; the node may say otherwise. */
  readonly effect?: string | undefined;
}

const ISOLATION = [
  ["thread", t("In this process")],
  ["process", t("In a process of its own, which a timeout ends for certain")],
] as const;

/** How often a tool is tried, how long it may take, and where it runs. */
export function RetryFields({ id, call, path, effect }: Props): ReactElement {
  const retry = (isObject(call.retry) ? call.retry : {}) as JsonObject;
  const put = (key: string, value: unknown) => edits.setNodePath(id, [...path, key], value);
  const again = (key: string, value: unknown) =>
    edits.setNodePath(id, [...path, "retry", key], value);
  // A policy of the step's own stands for itself; without one only what may pass is tried again.
  const once = (call.effect ?? effect) === "once" && call.retry === undefined;
  const at = (...keys: string[]) => pointer(...path, ...keys);
  const names = (value: Json | undefined) => (Array.isArray(value) ? value.map(String) : []);
  return (
    <>
      <div className="form-pair">
        <NumberField
          label={t("Attempts")}
          at={at("retry", "max_attempts")}
          value={retry.max_attempts}
          placeholder={once ? "1" : "3"}
          min={1}
          max={100}
          onChange={(value) => again("max_attempts", value)}
        />
        <TextField
          label={t("First pause")}
          at={at("retry", "initial")}
          help={t("Before the second attempt")}
          value={retry.initial}
          placeholder="1s"
          onChange={(value) => again("initial", value)}
        />
        <NumberField
          label={t("Each pause times")}
          at={at("retry", "factor")}
          help={t("1 keeps them alike")}
          value={retry.factor}
          placeholder="2"
          min={1}
          max={100}
          fraction
          onChange={(value) => again("factor", value)}
        />
        <TextField
          label={t("Longest pause")}
          at={at("retry", "max")}
          help={t("No pause is longer")}
          value={retry.max}
          placeholder="60s"
          onChange={(value) => again("max", value)}
        />
        <NumberField
          label={t("Spread of pauses")}
          at={at("retry", "jitter")}
          help={t("0.2: a fifth more or less, by chance")}
          value={retry.jitter}
          placeholder="0.2"
          min={0}
          max={1}
          fraction
          onChange={(value) => again("jitter", value)}
        />
        <TextField
          label={t("Timeout")}
          at={at("timeout")}
          help={t("30s, 5m or 2h")}
          value={call.timeout}
          placeholder={t("none")}
          onChange={(value) => put("timeout", value)}
        />
        <TextField
          label={t("Idle timeout")}
          at={at("idle_timeout")}
          help={t("Ends a try that says nothing for so long")}
          value={call.idle_timeout}
          placeholder={t("none")}
          onChange={(value) => put("idle_timeout", value)}
        />
      </div>
      <NamesField
        label={t("Tried again after")}
        at={at("retry", "on")}
        help={t("Names of errors with commas between them, or of what they are based on.")}
        placeholder={call.retry === undefined ? "ConnectionError" : t("every error")}
        value={names(retry.on)}
        onChange={(value) => again("on", value.length ? value : undefined)}
      />
      <NamesField
        label={t("Never tried again after")}
        at={at("retry", "not_on")}
        help={t("These fail at once, whatever stands above.")}
        placeholder={retry.on === undefined ? "ValueError, TypeError, AssertionError" : t("none")}
        value={names(retry.not_on)}
        onChange={(value) => again("not_on", value.length ? value : undefined)}
      />
      <Choice
        label={t("Where it runs")}
        at={at("isolation")}
        value={String(call.isolation ?? "thread")}
        options={ISOLATION}
        onChange={(value) => put("isolation", value === "thread" ? undefined : value)}
      />
      <Choice
        label={t("What a second call would do")}
        at={at("effect")}
        value={String(call.effect ?? "")}
        options={[
          ["", effect ? t("As the tool says: {effect}", { effect }) : t("As the tool says")],
          ...EFFECTS,
        ]}
        onChange={(value) => put("effect", value || undefined)}
      />
    </>
  );
}

const EFFECTS = [
  ["pure", t("pure: nothing is seen outside")],
  ["idempotent", t("idempotent: safe with the same key")],
  ["once", t("once: never again when the outcome is unknown")],
] as const;

const PAUSES = ["initial", "factor", "max", "jitter"] as const;

/** What is set beside the defaults, in a few words; empty where nothing is. */
export function retryWords(call: Props["call"]): string[] {
  const retry = (isObject(call.retry) ? call.retry : {}) as JsonObject;
  return [
    typeof retry.max_attempts === "number" &&
      tn("{count} attempt", "{count} attempts", retry.max_attempts),
    PAUSES.some((key) => retry[key] !== undefined) && t("own pauses"),
    (retry.on !== undefined || retry.not_on !== undefined) && t("own errors"),
    call.timeout !== undefined && t("timeout {time}", { time: String(call.timeout) }),
    call.idle_timeout !== undefined && t("idle {time}", { time: String(call.idle_timeout) }),
    call.isolation === "process" && t("own process"),
    call.effect !== undefined && String(call.effect),
  ].filter((word): word is string => typeof word === "string");
}

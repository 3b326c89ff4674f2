import { useEffect, useRef, useState } from "react";
import type { GraphDocument } from "../model/document";
import { t, tn } from "../words/t";
import { visitsInOrder } from "./order";
import { statusWord } from "./statusWords";
import { hasEnded, type RunView } from "./view";
import { titleOf } from "./words";

/** A screen reader is told at most this often, in milliseconds. */
const REST_MS = 1_500;
/** More news than this at once are counted instead of named. */
const NAMED = 3;

/** Says aloud what the run does, coalesced so that a fast run stays bearable. */
export function Announcer({ view, document }: { view: RunView; document: GraphDocument }) {
  const [words, setWords] = useState("");
  const told = useRef(view);
  const latest = useRef(view);
  latest.current = view;
  useEffect(() => {
    const timer = setInterval(() => {
      if (told.current === latest.current) return;
      const news = newsBetween(told.current, latest.current, document);
      told.current = latest.current;
      if (news) setWords(news);
    }, REST_MS);
    return () => clearInterval(timer);
  }, [document]);
  return (
    <div className="visually-hidden" aria-live="polite">
      {words}
    </div>
  );
}

/** What happened between two views of one run, in a sentence or two; empty for nothing. */
export function newsBetween(before: RunView, after: RunView, document: GraphDocument): string {
  const ended = visitsInOrder(after).filter((visit) => (visit.endedSeq ?? 0) > before.seq);
  const steps =
    ended.length > NAMED
      ? [tn("{count} step ended.", "{count} steps ended.", ended.length)]
      : ended.map((visit) => `${titleOf(document, visit.node)} ${statusWord(visit.status)}.`);
  const over = hasEnded(after.status) && !hasEnded(before.status);
  return [
    ...steps,
    ...(over ? [t("Run {status}.", { status: statusWord(after.status) })] : []),
  ].join(" ");
}

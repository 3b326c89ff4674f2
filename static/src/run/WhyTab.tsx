import { budgetOf, budgetWords } from "../model/budget";
import type { GraphDocument } from "../model/document";
import { cycleEdges } from "../model/layout";
import { t } from "../words/t";
import type { Focus } from "./focus";
import { Icon } from "./Icon";
import { Message } from "./Message";
import type { Decision, RunError } from "./payloads";
import { StatusIcon } from "./StatusIcon";
import type { Activation } from "./view";
import { type EdgeReason, whatItDecided, whyItRan, whyNot, whyNotInShort } from "./why";
import { brief, titleOf } from "./words";

interface WhyProps {
  readonly document: GraphDocument;
  readonly focus: Focus;
  /** The edge the reader asked about. */
  readonly edge: string | null;
  readonly onNode: (node: string) => void;
}

/** Why the step ran or did not, and what it decided, with the values that were looked at. */
export function WhyTab({ document, focus, edge, onNode }: WhyProps) {
  const { view, node, visit } = focus;
  if (node === null) return <p className="rp-empty">{t("Choose a step to see why it ran.")}</p>;
  if (!visit) {
    return (
      <>
        <p className="rp-lead">{whyNotInShort(document, view, node)}</p>
        <Reasons
          title={t("Ways to this step")}
          reasons={whyNot(document, view, node)}
          document={document}
          current={edge}
          side="from"
          onNode={onNode}
        />
      </>
    );
  }
  const entry = document.entry.includes(node);
  const ran = whyItRan(document, view, visit);
  return (
    <>
      {visit.error && <ErrorBox error={visit.error} />}
      <Reasons
        title={t("Why it ran")}
        reasons={ran}
        document={document}
        current={edge}
        side="from"
        onNode={onNode}
        none={entry ? t("The run starts here.") : t("The journal names no way that led here.")}
      />
      <Reasons
        title={t("What it decided")}
        reasons={visit.decisions.length === 0 ? [] : whatItDecided(document, visit)}
        document={document}
        current={edge}
        side="to"
        onNode={onNode}
        none={undecided(visit)}
      />
    </>
  );
}

function undecided(visit: Activation): string {
  if (visit.endedSeq === null) return t("It has not ended yet.");
  if (visit.status !== "ok") return t("It ended before it could decide.");
  return t("No way leads on from here.");
}

/** An error with its code and what else the engine knows about it; long texts come last. */
export function ErrorBox({ error }: { error: RunError }) {
  const details = Object.entries(error.details);
  const texts = details.filter((each): each is [string, string] => isLong(each[1]));
  return (
    <div className="rp-error">
      <div className="rp-error__title">
        <code>{error.code}</code> <Message text={error.message} />
      </div>
      <dl className="facts">
        {details
          .filter(([, value]) => !isLong(value))
          .map(([name, value]) => (
            <div key={name} className="rp-fact">
              <dt>{name}</dt>
              <dd>
                <code>{typeof value === "string" ? value : brief(value, 400)}</code>
              </dd>
            </div>
          ))}
      </dl>
      {texts.map(([name, text]) => (
        <details key={name} className="disclosure" open>
          <summary>{name}</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a place that scrolls takes the keyboard */}
          <pre className="rp-error__text" tabIndex={0}>
            {text.trimEnd()}
          </pre>
        </details>
      ))}
    </div>
  );
}

function isLong(value: unknown): boolean {
  return typeof value === "string" && value.includes("\n");
}

interface ReasonsProps {
  readonly title: string;
  readonly reasons: readonly EdgeReason[];
  readonly document: GraphDocument;
  readonly current: string | null;
  readonly side: "from" | "to";
  readonly onNode: (node: string) => void;
  readonly none?: string;
}

function Reasons({ title, reasons, document, current, side, onNode, none }: ReasonsProps) {
  return (
    <section className="rp-why">
      <h3>{title}</h3>
      {reasons.length === 0 && <p className="rp-empty">{none ?? t("Nothing leads here.")}</p>}
      <ul className="rp-why__list">
        {reasons.map((reason) => (
          <Reason
            key={reason.edge.id}
            reason={reason}
            document={document}
            current={current}
            side={side}
            onNode={onNode}
          />
        ))}
      </ul>
    </section>
  );
}

function Reason({
  reason,
  document,
  current,
  side,
  onNode,
}: Omit<ReasonsProps, "title" | "reasons"> & { reason: EdgeReason }) {
  const { edge, decision, words } = reason;
  const taken = decision?.taken ?? null;
  const budget = budgetOf(edge, cycleEdges(document).has(edge.id));
  const other = edge[side];
  return (
    <li
      className="rp-why__item"
      data-taken={taken === null ? undefined : taken}
      data-current={edge.id === current || undefined}
    >
      <StatusIcon status={taken ? "ok" : "skipped"} />
      <div className="rp-why__body">
        <p className="rp-why__head">
          <span>{side === "from" ? t("from") : t("to")} </span>
          <button type="button" className="rp-link" onClick={() => onNode(other)}>
            {titleOf(document, other)}
          </button>
          <span className="rp-why__verdict">{verdict(taken)}</span>
          {budget && <span className="chip">{budgetWords(budget)}</span>}
        </p>
        {decision?.when ? (
          <Condition decision={decision} />
        ) : (
          <p className="rp-why__words">{words}</p>
        )}
      </div>
    </li>
  );
}

function verdict(taken: boolean | null): string {
  return taken ? t("taken") : t("not taken");
}

/** The condition as written, what it gave, and each value it looked at. */
function Condition({ decision }: { decision: Decision }) {
  const values = Object.entries(decision.values);
  return (
    <>
      <p className="rp-why__when">
        <code>{decision.when}</code>
        <Icon name="forward" />
        <b>{decision.taken ? t("true") : t("false")}</b>
      </p>
      {values.length > 0 && (
        <dl className="rp-why__values">
          {values.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{brief(value, 120)}</dd>
            </div>
          ))}
        </dl>
      )}
      {decision.reason && <p className="rp-why__words">{decision.reason}</p>}
    </>
  );
}

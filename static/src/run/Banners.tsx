import { linkNotice } from "../live/state";
import type { GraphDocument } from "../model/document";
import { t, tn } from "../words/t";
import { Icon } from "./Icon";
import { Message } from "./Message";
import { callPage, undecidedCalls } from "./outcomes";
import { readError, readNumber } from "./payloads";
import type { RunStore } from "./store";
import { hasEnded, type RunView } from "./view";
import { asksPeople, openWaits, waitedFor } from "./waitWords";
import { titleOf } from "./words";

interface BannerProps {
  readonly store: RunStore;
  readonly view: RunView;
  readonly document: GraphDocument;
  readonly problem: string | null;
  readonly onNode: (node: string) => void;
  readonly onDismiss: () => void;
}

/** What a reader must know before anything else: failures, waiting, a lost link. */
export function Banners(props: BannerProps) {
  const { store, view, problem } = props;
  const link = linkNotice(store.link);
  return (
    <div className="rp-banners">
      {problem && (
        <div className="notice notice--error" role="alert">
          <Icon name="warning" />
          <p className="notice__body">{problem}</p>
          <button type="button" className="button button--small" onClick={props.onDismiss}>
            {t("Dismiss")}
          </button>
        </div>
      )}
      {link && (
        <div className="notice notice--warning" role="status" data-link={store.link.kind}>
          <Icon name="info" />
          <p className="notice__body">{link}</p>
        </div>
      )}
      <Undecided {...props} />
      {view.status === "failed" && <Failed {...props} />}
      {TOLD[view.status] && !isHeldUp(props) && (
        <div className="notice" role="status">
          <Icon name="info" />
          <p className="notice__body">
            <b>{TOLD[view.status]}</b> {view.reason}
            {view.status === "waiting" && <Open {...props} />}
          </p>
        </div>
      )}
      {store.missing > 0 && store.link.kind !== "refused" && (
        <p className="rp-loading" role="status">
          {tn(
            "Fetching {count} more event of this run…",
            "Fetching {count} more events of this run…",
            store.missing,
          )}
        </p>
      )}
    </div>
  );
}

const TOLD: Readonly<Record<string, string>> = {
  queued: t("Queued. It starts when it is its turn."),
  paused: t("Paused."),
  waiting: t("Waiting."),
  cancelling: t("Stopping. What runs may finish; nothing new starts."),
  cancelled: t("Stopped."),
};

/** Calls that may have been made: a person says what became of each before the run goes on. */
function Undecided({ store, view, document }: BannerProps) {
  if (hasEnded(view.status) && view.status !== "failed") return null;
  const { run, calls = [] } = store.boot;
  const own = undecidedCalls(store.record.events).map((event) => ({
    href: callPage(run.id, event),
    step: stepOf(titleOf(document, event.node ?? ""), readNumber(event.data.item)),
  }));
  const below = calls.map(({ id, node, item, workflow }) => ({
    href: `/inbox/calls/${id}`,
    step: t("{step} of {workflow}", { step: stepOf(node, item), workflow: workflow.name }),
  }));
  const all = [...own, ...below];
  if (all.length === 0) return null;
  return (
    <div className="notice notice--warning" role="alert" data-undecided={all.length}>
      <Icon name="warning" />
      <div className="notice__body">
        <p className="notice__title">
          {tn(
            "A call may have been made, and nobody knows",
            "Calls may have been made, and nobody knows",
            all.length,
          )}
        </p>
        <p>
          {t(
            "A worker died inside a tool that must not run twice. The run goes on when somebody has said what became of it.",
          )}
        </p>
        <ul className="notice__list">
          {all.map(({ href, step }) => (
            <li key={href}>
              <a href={href}>{t("Decide about {step}", { step })}</a>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

/** Whether the run is paused for calls that nobody has decided: that is told already. */
function isHeldUp({ store, view }: BannerProps): boolean {
  return view.status === "paused" && undecidedCalls(store.record.events).length > 0;
}

function stepOf(node: string, item: number | null): string {
  return item === null ? node : t("{node}, item {item}", { node, item });
}

/** What each step that waits has to hear first; people answer in the inbox. */
function Open({ store, document }: BannerProps) {
  const waits = openWaits(store.record.events);
  const asks = waits.some(({ data }) => asksPeople(data));
  const told = waits.map(({ node, data }) =>
    t("{step} waits {what}.", { step: titleOf(document, node ?? ""), what: waitedFor(data) }),
  );
  return (
    <>
      {told.join(" ")} {asks && <a href="/inbox/">{t("Answer in the inbox")}</a>}
    </>
  );
}

/** The cause of a failed run, with a link that opens the step that failed. */
function Failed({ store, view, document, onNode }: BannerProps) {
  const error = view.error ?? readError(store.boot.run.error);
  const node = error?.node ?? null;
  return (
    <div className="notice notice--error" role="alert">
      <Icon name="warning" />
      <div className="notice__body">
        <p className="notice__title">
          {node ? t("{step} failed", { step: titleOf(document, node) }) : t("The run failed")}
          {error && <code className="rp-banners__code">{error.code}</code>}
        </p>
        {error && <Message text={error.message} />}
      </div>
      {node && (
        <a
          className="button button--small"
          href={`?node=${encodeURIComponent(node)}&tab=why`}
          onClick={(event) => {
            event.preventDefault();
            onNode(node);
          }}
        >
          {t("Show the step")}
        </a>
      )}
    </div>
  );
}

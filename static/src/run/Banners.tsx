import { linkNotice } from "../live/state";
import type { GraphDocument } from "../model/document";
import { Icon } from "./Icon";
import { readError } from "./payloads";
import type { RunStore } from "./store";
import type { RunView } from "./view";
import { asksPeople, opened, openWaits } from "./waitWords";
import { plural, titleOf } from "./words";

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
            Dismiss
          </button>
        </div>
      )}
      {link && (
        <div className="notice notice--warning" role="status" data-link={store.link.kind}>
          <Icon name="info" />
          <p className="notice__body">{link}</p>
        </div>
      )}
      {view.status === "failed" && <Failed {...props} />}
      {TOLD[view.status] && (
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
          Fetching {plural(store.missing, "more event")} of this run…
        </p>
      )}
    </div>
  );
}

const TOLD: Readonly<Record<string, string>> = {
  queued: "Queued. It starts when it is its turn.",
  paused: "Paused.",
  waiting: "Waiting.",
  cancelling: "Stopping. What runs may finish; nothing new starts.",
  cancelled: "Stopped.",
};

/** What each step that waits has to hear first; people answer in the inbox. */
function Open({ store, document }: BannerProps) {
  const waits = openWaits(store.record.events);
  const asks = waits.some(({ data }) => asksPeople(data));
  const told = waits.map(
    ({ node, data }) => `${titleOf(document, node ?? "")} w${opened(data).slice(1)}.`,
  );
  return (
    <>
      {told.join(" ")} {asks && <a href="/inbox/">Answer in the inbox</a>}
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
          {node ? `${titleOf(document, node)} failed` : "The run failed"}
          {error && <code className="rp-banners__code">{error.code}</code>}
        </p>
        {error && <p>{error.message}</p>}
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
          Show the step
        </a>
      )}
    </div>
  );
}

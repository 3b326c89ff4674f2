/** The steps on offer behind a step, parted into those that fit there and the others. */
import type { NodeSpec, NodeType } from "../model/document";
import { FITS, type Fit, fitOfTool, fitOfType, knownBehind } from "../model/fitting";
import { t } from "../words/t";
import type { Offer } from "./adding";
import type { Session } from "./session";
import type { Choosing } from "./state";

export interface FittedOffer extends Offer {
  readonly fits: boolean;
  /** What it takes from the state, or what it lacks; empty where there is nothing to say. */
  readonly note: string;
  /** Fields of the new node that feed it. */
  readonly fields: Partial<NodeSpec>;
}

/** The step whose way the new one goes into; null where it stands alone. */
function sourceOf(session: Session, { after, into }: Choosing): Choosing["after"] {
  if (after) return after;
  const edge = session.document.edges.find((each) => each.id === into);
  return edge ? { node: edge.from, kind: edge.on ?? "ok" } : null;
}

/** The best first, in the given order where they fit alike; null where nothing leads to the step. */
export function fittedOf(
  session: Session,
  choosing: Choosing,
  offers: readonly Offer[],
): FittedOffer[] | null {
  const source = sourceOf(session, choosing);
  if (!source) return null;
  const known = knownBehind(session.document, source.node, source.kind, session.tools);
  const judged = offers.map((offer) => {
    const [kind, name = ""] = offer.key.split(/:(.*)/s, 2);
    const tool = session.tools.get(name);
    const fit =
      kind === "tool"
        ? fitOfTool(tool ?? { schema: {} }, known)
        : fitOfType(name as NodeType, known);
    return { offer, fit };
  });
  const place = ({ rank }: Fit) => rank ?? FITS.length;
  return judged
    .sort((a, b) => place(a.fit) - place(b.fit))
    .map(({ offer, fit }) => ({
      ...offer,
      fits: fit.rank !== null,
      note: noteOf(fit),
      fields: fit.fields,
    }));
}

const MOST_NAMED = 3;

function noteOf({ rank, names }: Fit): string {
  if (names.length === 0) return "";
  const shown = names.slice(0, MOST_NAMED).join(", ");
  const told = { names: names.length > MOST_NAMED ? `${shown} …` : shown };
  return rank === null ? t("needs {names}", told) : t("takes {names}", told);
}

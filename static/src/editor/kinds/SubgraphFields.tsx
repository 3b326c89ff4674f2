import type { ReactElement } from "react";
import type { GraphDocument, NodeSpec } from "../../model/document";
import { t } from "../../words/t";
import { CalleeFields } from "./CalleeFields";
import { Rows } from "./Rows";

interface Props {
  readonly id: string;
  readonly spec: NodeSpec;
  readonly document: GraphDocument;
}

/** The workflow a step runs, what it starts with, and what is taken from its end. */
export function SubgraphFields({ id, spec, document }: Props): ReactElement {
  return (
    <>
      <CalleeFields id={id} spec={spec} document={document} path={[]} field="in" />
      <Rows
        id={id}
        spec={spec}
        document={document}
        field="out"
        legend={t("What it leaves")}
        help={t(
          "State keys of this workflow. In these expressions state is the final state of the other run.",
        )}
        example="state.found"
      />
    </>
  );
}

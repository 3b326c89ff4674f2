import { Component, type ReactElement, type ReactNode } from "react";
import type { GraphDocument } from "../model/document";
import { t } from "../words/t";
import { useEditor } from "./hooks";

/**
 * A fault of one part stays with that part: the rest of the editor goes on, and with it undo, the
 * journal and saving. The next edit tries the part again. The console has the error, as ever.
 */
export function Guard({ children }: { children: ReactNode }): ReactElement {
  const document = useEditor((state) => state.document);
  return <Boundary document={document}>{children}</Boundary>;
}

interface Props {
  readonly document: GraphDocument;
  readonly children: ReactNode;
}

class Boundary extends Component<Props, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override componentDidUpdate(before: Props): void {
    if (this.state.failed && before.document !== this.props.document)
      this.setState({ failed: false });
  }

  override render(): ReactNode {
    return this.state.failed ? (
      <Failed again={() => this.setState({ failed: false })} />
    ) : (
      this.props.children
    );
  }
}

function Failed({ again }: { again: () => void }): ReactElement {
  return (
    <div className="notice notice--error guard" role="alert">
      <span className="notice__body">
        {t("This part of the editor met a fault. Your work is kept; undo may help.")}{" "}
        <button type="button" className="link-button" onClick={again}>
          {t("Try again")}
        </button>
      </span>
    </div>
  );
}

import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

/** The nonce that lets the editor's own style sheet pass the page's content security policy. */
export function styleNonce(): Extension {
  const nonce = pageNonce();
  return nonce ? EditorView.cspNonce.of(nonce) : [];
}

function pageNonce(): string | null {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]');
  if (meta?.content) return meta.content;
  const marked = document.querySelector<HTMLElement>("script[nonce], style[nonce]");
  return marked?.nonce || null;
}

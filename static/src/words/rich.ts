import { createElement, Fragment, type ReactNode } from "react";

/** A translated text with elements in it: `rich(t("Started by {name}"), { name: <b>Ada</b> })`. */
export function rich(text: string, parts: Readonly<Record<string, ReactNode>>): ReactNode {
  const pieces = text.split(/\{(\w+)\}/g);
  const shown = pieces.map((piece, i) => (i % 2 ? (parts[piece] ?? `{${piece}}`) : piece));
  return createElement(Fragment, null, ...shown);
}

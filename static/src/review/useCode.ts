import { type RefObject, useEffect, useRef, useState } from "react";
import type { CodeDiff, CodeEditor, DiffOptions, EditorOptions } from "../code/contract";
import { loadCode } from "../code/load";

/** A code view that is loaded when it is first shown; null until then. */
export function useEditor(
  url: string,
  host: RefObject<HTMLElement | null>,
  options: Omit<EditorOptions, "parent" | "text">,
): CodeEditor | null {
  const [editor, setEditor] = useState<CodeEditor | null>(null);
  const first = useRef(options);
  useEffect(() => {
    let made: CodeEditor | null = null;
    let gone = false;
    loadCode(url).then((code) => {
      const parent = host.current;
      if (gone || !parent) return;
      made = code.createEditor({ ...first.current, parent, text: "" });
      setEditor(made);
    }, ignoreLoadError);
    return () => {
      gone = true;
      made?.destroy();
      setEditor(null);
    };
  }, [url, host]);
  return editor;
}

/** A difference of two texts; drawn anew when either changes. */
export function useDiff(
  url: string,
  host: RefObject<HTMLElement | null>,
  options: Omit<DiffOptions, "parent">,
): void {
  const { before, after, language, label, layout } = options;
  useEffect(() => {
    let made: CodeDiff | null = null;
    let gone = false;
    loadCode(url).then((code) => {
      const parent = host.current;
      if (gone || !parent) return;
      made = code.createDiff({ parent, before, after, language, label, layout });
    }, ignoreLoadError);
    return () => {
      gone = true;
      made?.destroy();
    };
  }, [url, host, before, after, language, label, layout]);
}

/** Without the code view the page still has every finding; the browser tells of the failed load. */
function ignoreLoadError(): void {}

import type { ReactElement } from "react";
import { useEditor } from "./hooks";
import { Later } from "./LaterPart";

/** The dialog that is open, if any. */
export function Dialogs(): ReactElement | null {
  const dialog = useEditor((state) => state.dialog);
  if (dialog === "run") return <Later part="RunDialog" />;
  if (dialog === "publish") return <Later part="PublishDialog" />;
  if (dialog === "conflict") return <Later part="ConflictDialog" />;
  if (dialog === "import") return <Later part="ImportDialog" />;
  if (dialog === "keys") return <Later part="ShortcutSheet" />;
  if (dialog === "extract") return <Later part="ExtractDialog" />;
  return null;
}

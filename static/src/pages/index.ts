/** Small behaviour of the server-rendered pages. Each part finds its elements by `data-` attributes; without it every page still works. */
import { confirmActions } from "./confirm";
import { copyButtons } from "./copy";
import { dropImport } from "./dropImport";
import { filterForms } from "./filters";
import { focusNotice } from "./focus";
import { liveRun } from "./liveRun";
import { liveRuns } from "./liveRuns";
import { menus } from "./menus";
import { revealButtons } from "./reveal";
import { submitKeys } from "./submitKeys";
import { themeForms } from "./theme";
import { times } from "./times";

export function enhancePages(page: Document = document): void {
  menus(page);
  themeForms(page);
  confirmActions(page);
  copyButtons(page);
  revealButtons(page);
  filterForms(page);
  dropImport(page);
  submitKeys(page);
  focusNotice(page);
  times(page);
  liveRuns(page);
  liveRun(page);
}

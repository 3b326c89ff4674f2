import type { CodeEditor } from "../code/contract";
import { loadCode } from "../code/load";
import { ApiError, postJson } from "../live/http";
import type { RunItem } from "../run/boot";
import { t } from "../words/t";
import type { ReviewBoot } from "./boot";

/**
 * Bring the form of a new review to life: a code editor over its text field, and a start that
 * stays on the page. Without any of this the form still works by itself.
 */
export function enhanceForm(
  element: HTMLElement,
  boot: ReviewBoot,
  onStarted: (run: RunItem) => void,
): void {
  const field = element.querySelector("textarea");
  const form = field?.form;
  if (!field || !form) return;
  let editor: CodeEditor | null = null;
  mountEditor(element, field, form, boot.urls.code).then(
    (made) => {
      editor = made;
    },
    // Without the editor the plain field stays; the browser tells of the failed load.
    () => undefined,
  );
  form.addEventListener("submit", (event) => {
    const sample = event.submitter?.hasAttribute("data-sample") ?? false;
    event.preventDefault();
    if (!sample) start(form, boot, onStarted);
    else if (editor) editor.setText(boot.sample);
    else field.value = boot.sample;
  });
}

async function mountEditor(
  element: HTMLElement,
  field: HTMLTextAreaElement,
  form: HTMLFormElement,
  url: string,
): Promise<CodeEditor> {
  const { createEditor } = await loadCode(url);
  const host = document.createElement("div");
  host.className = "rv-editor";
  element.append(host);
  const editor = createEditor({
    parent: host,
    text: field.value,
    language: "python",
    label: t("Code to review. Tab indents; press Escape, then Tab, to leave the field."),
    placeholder: field.placeholder,
    onChange: (text) => {
      field.value = text;
    },
    onSubmit: () => form.requestSubmit(),
  });
  // A hidden field that is required would stop the form without a word.
  field.required = false;
  field.hidden = true;
  return editor;
}

async function start(
  form: HTMLFormElement,
  boot: ReviewBoot,
  onStarted: (run: RunItem) => void,
): Promise<void> {
  const body = bodyOf(form);
  if (body.code.trim() === "") {
    showProblem(
      form,
      t("There is no code to review yet: paste a Python module, or use the sample."),
    );
    return;
  }
  const buttons = [...form.querySelectorAll<HTMLButtonElement>("button[type=submit]")];
  showProblem(form, null);
  for (const button of buttons) button.disabled = true;
  try {
    onStarted(await postJson<RunItem>(`${boot.urls.api}/reviews`, body));
  } catch (error) {
    showProblem(form, wordsOf(error));
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

function bodyOf(form: HTMLFormElement): { readonly code: string } {
  const data = new FormData(form);
  const number = (name: string) => {
    const text = String(data.get(name) ?? "").trim();
    return text === "" ? {} : { [name]: Number(text) };
  };
  const code = String(data.get("code") ?? "").replaceAll("\r\n", "\n");
  return { code, ...number("quality_threshold"), ...number("max_passes") };
}

function wordsOf(error: unknown): string {
  if (!(error instanceof ApiError)) return String(error);
  return [error.message, ...error.details.map((each) => each.message)].join(" ");
}

/** One line above the form, spoken at once; null takes it away. */
function showProblem(form: HTMLFormElement, words: string | null): void {
  form.querySelector("[data-review-problem]")?.remove();
  if (words === null) return;
  const box = document.createElement("div");
  box.className = "notice notice--error";
  box.setAttribute("role", "alert");
  box.dataset.reviewProblem = "";
  box.tabIndex = -1;
  box.textContent = words;
  form.prepend(box);
  box.focus();
}

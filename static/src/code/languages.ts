import { jsonLanguage } from "@codemirror/lang-json";
import { pythonLanguage } from "@codemirror/lang-python";
import { indentUnit, LanguageSupport } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import type { Language } from "./contract";

/** Grammar and indentation of a language; completion is left out, it doubles the weight. */
export function languageSupport(language: Language): Extension {
  if (language === "python") {
    return [new LanguageSupport(pythonLanguage), indentUnit.of("    ")];
  }
  if (language === "json") return [new LanguageSupport(jsonLanguage), indentUnit.of("  ")];
  return [];
}

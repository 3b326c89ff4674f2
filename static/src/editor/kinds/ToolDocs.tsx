import type { ReactElement } from "react";
import { Icon } from "../../canvas/icons";
import { Prose } from "../../parts/Prose";
import { addressOf } from "../../run/boot";
import { t, tp } from "../../words/t";
import type { Schema, ToolSpec } from "../boot";
import { typeWords } from "../forms/schema";
import { useSession } from "../hooks";

/** What a tool says of itself, beside the form for it. */
export function ToolDocs({ tool }: { tool: ToolSpec }): ReactElement {
  const { boot } = useSession();
  const [summary, ...rest] = tool.doc.split("\n");
  const more = rest.join("\n").trim();
  return (
    <details className="tool-docs">
      <summary className="tool-docs__title">
        <Icon name="info" size={12} /> {t("About {tool}", { tool: tool.name })}
      </summary>
      <p>
        <Prose text={summary || tool.summary} />
      </p>
      {more && (
        <p className="tool-docs__more">
          <Prose text={more} />
        </p>
      )}
      <dl className="tool-docs__facts">
        <dt>{t("Effect")}</dt>
        <dd>
          <b>{tool.effect}</b> {boot.effects?.[tool.effect]}
        </dd>
        {tool.returns && (
          <>
            <dt>{t("Returns")}</dt>
            <dd>
              {typeWords(tool.returns)}
              <Keys schema={tool.returns} />
            </dd>
          </>
        )}
        <dt>{tp("tool", "Runs")}</dt>
        <dd>
          {tool.is_async ? t("on the engine’s loop") : t("in a thread, or in a process of its own")}
        </dd>
      </dl>
      <a
        href={addressOf(boot.urls.tool.replace("{name}", "{id}"), tool.name)}
        target="_blank"
        rel="noreferrer"
      >
        {t("Its page: parameters, and where it is used")}
      </a>
    </details>
  );
}

/** The keys of what it returns, ready to be read as `result.key`. */
function Keys({ schema }: { schema: Schema }): ReactElement | null {
  const keys = Object.keys(schema.properties ?? {});
  if (keys.length === 0) return null;
  return (
    <>
      {": "}
      {keys.map((key, index) => (
        <span key={key}>
          {index > 0 && ", "}
          <code>{key}</code>
        </span>
      ))}
    </>
  );
}

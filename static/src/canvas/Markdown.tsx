import { Fragment, type ReactElement } from "react";
import { type Block, blocksOf, type Inline } from "../model/markdown";

/** Markdown as elements: every word is a text node, so nothing in it can become markup. */
export function Markdown({ text }: { text: string }): ReactElement {
  return (
    <div className="markdown">
      {blocksOf(text).map((block, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: blocks have no names and no state
        <BlockView key={index} block={block} />
      ))}
    </div>
  );
}

function BlockView({ block }: { block: Block }): ReactElement {
  if (block.kind === "code") return <pre>{block.text}</pre>;
  if (block.kind === "list") {
    const List = block.ordered ? "ol" : "ul";
    return (
      <List>
        {block.items.map((parts, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: items have no names and no state
          <li key={index}>{inline(parts)}</li>
        ))}
      </List>
    );
  }
  if (block.kind === "quote") return <blockquote>{inline(block.parts)}</blockquote>;
  // A heading of a note is none of the page: screen readers travel by those.
  if (block.kind === "heading") return <p className="markdown__heading">{inline(block.parts)}</p>;
  return <p>{inline(block.parts)}</p>;
}

function inline(parts: readonly Inline[]): ReactElement[] {
  return parts.map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts have no names and no state
    <Fragment key={index}>{inlineView(part)}</Fragment>
  ));
}

function inlineView(part: Inline): ReactElement | string {
  switch (part.kind) {
    case "text":
      return part.text;
    case "code":
      return <code>{part.text}</code>;
    case "bold":
      return <strong>{inline(part.parts)}</strong>;
    case "italic":
      return <em>{inline(part.parts)}</em>;
    case "link":
      return (
        <a href={part.href} target="_blank" rel="noopener noreferrer nofollow">
          {inline(part.parts)}
        </a>
      );
  }
}

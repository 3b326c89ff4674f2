/** Words in which `backticks` mark code. */
export function Prose({ text }: { text: string }) {
  return (
    <>
      {text.split("`").map((part, index, parts) =>
        index % 2 === 1 && index < parts.length - 1 ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text never move
          <code key={index}>{part}</code>
        ) : (
          part
        ),
      )}
    </>
  );
}

/** What an error says; behind its first line stand the expression it is about and a mark below it. */
export function Message({ text }: { readonly text: string }) {
  const [said, ...shown] = text.split("\n");
  return (
    <>
      <p>{said}</p>
      {shown.length > 0 && <pre className="rp-message">{shown.join("\n")}</pre>}
    </>
  );
}

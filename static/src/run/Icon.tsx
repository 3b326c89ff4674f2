const PATHS = {
  stop: "M4.5 4.5h7v7h-7z",
  again: "M13 8a5 5 0 1 1-1.6-3.7M13 2.5v3h-3",
  download: "M8 2.5v7.5M4.8 7.2 8 10.4l3.2-3.2M3 13.2h10",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.4 10.4l3.1 3.1",
  follow: "M8 2.5v8M4.6 7.4 8 10.8l3.4-3.4M3.5 13.5h9",
  wrap: "M2.5 4h11M2.5 8h8.6a2 2 0 0 1 0 4H8.5M10 10.4 8.4 12l1.6 1.6M2.5 12h3",
  back: "M9.8 3.5 5.3 8l4.5 4.5",
  forward: "M6.2 3.5 10.7 8l-4.5 4.5",
  first: "M11.5 3.5 7 8l4.5 4.5M4.5 3.5v9",
  last: "M4.5 3.5 9 8l-4.5 4.5M11.5 3.5v9",
  play: "M5 3.2v9.6L12.6 8z",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  loop: "M4.5 5.5h5.2a3 3 0 0 1 0 6H4M6.4 3.4 4.2 5.5l2.2 2.1",
  pencil: "m3 13 .7-2.8 7.2-7.2 2.1 2.1L5.8 12.3zM9.6 4.3l2.1 2.1",
  report: "M4 2.5h5.5L12 5v8.5H4zM6 8h4M6 10.5h4",
  warning: "M8 2.8 14 13.2H2zM8 6.6v3M8 11.4v.2",
  info: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 7.4v3.4M8 5.2v.2",
  chevron: "m4 6.2 4 4 4-4",
  map: "M3 4.2h4v3H3zM9 9h4v3H9zM7 5.7h2.2a1.8 1.8 0 0 1 1.8 1.8V9",
  list: "M5.5 4.2h8M5.5 8h8M5.5 11.8h8M2.6 4.2h.2M2.6 8h.2M2.6 11.8h.2",
  copy: "M5.5 5.5h7v8h-7zM3.5 10.5v-8h7",
  out: "M9 3h4v4M13 3 7.5 8.5M11 9.5v3.3H3.2V5H6.5",
  plus: "M8 3.2v9.6M3.2 8h9.6",
  pin: "M4.4 2.2h7.2v11.6L8 10.8l-3.6 3z",
  check: "M3.2 8.6 6.6 12l6.2-7.4",
} as const;

export type IconName = keyof typeof PATHS;

/** A line drawing in the colour of the text beside it; always decoration. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg
      className="icon"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

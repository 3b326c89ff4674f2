import type { RunItem } from "../run/boot";

/** What the server writes into the review pages: the form has no run yet. */
export interface ReviewBoot {
  readonly page: "review";
  readonly run: RunItem | null;
  readonly report: Readonly<Record<string, unknown>> | null;
  /** The code behind the sample button. */
  readonly sample: string;
  readonly urls: ReviewUrls;
}

export interface ReviewUrls {
  readonly api: string;
  /** `{id}` stands for the run in these three. */
  readonly run: string;
  readonly review: string;
  readonly ws: string;
  readonly code: string;
}

/** Lays graphs out beside the page, which stays at hand meanwhile. Knows neither React nor the DOM. */
import type { GraphDocument, Point } from "../model/document";
import { layout } from "../model/layout";

/** A document in, a place for each of its nodes out. */
export type Laid = readonly (readonly [node: string, place: Point])[];

self.onmessage = ({ data }: MessageEvent<GraphDocument>) => {
  const laid: Laid = [...layout(data)];
  self.postMessage(laid);
};

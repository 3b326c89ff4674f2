import { createContext, useContext, useMemo } from "react";
import type { Moment, Place } from "../lookback/calls";

const PlaceContext = createContext<Place | null>(null);

/** Where the expressions below stand: completion and last values follow from it. */
export const PlaceProvider = PlaceContext.Provider;

/** The place around, at another moment if one is given; null where an expression stands in no node. */
export function usePlace(at?: Moment): Place | null {
  const place = useContext(PlaceContext);
  return useMemo(() => (place && at && at !== place.at ? { ...place, at } : place), [place, at]);
}

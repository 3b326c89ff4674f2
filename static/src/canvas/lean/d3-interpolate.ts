/** Stands in for the package `d3-interpolate`: the ways between two views, which only its transitions ask for. */
export function interpolateZoom(): never {
  throw new Error("Views are set at once; Camera makes them glide. Do not pass a duration.");
}

export const interpolate = interpolateZoom;

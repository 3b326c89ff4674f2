/**
 * What the run page shows after a click: one file of its own, loaded when the browser is idle, or at
 * once where the address asks for it. To add a component, export it here, and show it as
 * `<Later part="Thing" />`.
 */

export { StateOf, ValuesOf } from "./ValueTabs";
export { WaitingFor } from "./WaitingFor";

import { h } from "./dom.ts";
import type { View } from "./view.ts";
export function importScreen(_view: View): HTMLElement {
  return h("main");
}

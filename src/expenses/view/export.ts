import { h } from "./dom.ts";
import type { View } from "./view.ts";
export function exportScreen(_view: View): HTMLElement {
  return h("main");
}

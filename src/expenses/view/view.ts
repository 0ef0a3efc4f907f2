import { put } from "./parts/dom.ts";
import type { Format } from "./parts/format.ts";
import type { Host } from "./parts/host.ts";
import type { Selection } from "./selection.ts";

/** What every screen is given. */
export interface View {
  readonly host: Host;
  /** In the host's language and time zone, which may change. */
  readonly format: Format;
  /** Which expenses the person is looking at. */
  readonly selection: Selection;
  /** Shows another screen in place of this one. */
  go(screen: Screen): void;
  /** Shows the screen that it begins with. */
  goHome(): void;
}

/** Makes what is to be seen. What it loads, it puts there later. */
export type Screen = (view: View) => HTMLElement;

/** Shows a screen, and lets a screen reader begin at its heading. */
export function show(root: Element, content: HTMLElement, takeFocus: boolean): void {
  put(root, content);
  const heading = content.querySelector<HTMLElement>("h1");
  if (!takeFocus || !heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  heading.scrollIntoView({ block: "nearest" });
}

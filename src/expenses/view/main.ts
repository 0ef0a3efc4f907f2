import "./parts/no-eval.ts";
import { home } from "./home.ts";
import { h, put } from "./parts/dom.ts";
import { Format } from "./parts/format.ts";
import { Host } from "./parts/host.ts";
import { everything, selectionOf } from "./selection.ts";
import { type Screen, show, type View } from "./view.ts";

const root = document.getElementById("app") ?? document.body;
/** How long the view waits to be told what it was opened for, in milliseconds. */
const openingPatience = 2_000;

const host = new Host();
let format = new Format();
let screen: Screen = home;

const view: View = {
  host,
  get format() {
    return format;
  },
  selection: everything(),
  go(next) {
    screen = next;
    show(root, next(view), true);
  },
  goHome() {
    view.go(home);
  },
};

async function begin(): Promise<void> {
  try {
    await host.connect();
  } catch {
    put(root, h("p", { class: "empty" }, "Expenses could not be opened here."));
    return;
  }
  format = new Format(host.locale, host.timeZone);
  host.onChange(() => {
    format = new Format(host.locale, host.timeZone);
    // What somebody is writing stays.
    if (screen === home) show(root, home(view), false);
  });
  let isShown = false;
  const showHome = () => {
    isShown = true;
    if (screen === home) show(root, home(view), false);
  };
  void host.opening.then((asked) => {
    Object.assign(view.selection, selectionOf(asked));
    showHome();
  });
  // Hosts that open it without a call never say.
  setTimeout(() => {
    if (!isShown) showHome();
  }, openingPatience);
}

void begin();

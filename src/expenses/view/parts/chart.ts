import { button, h, put, svg } from "./dom.ts";

/** One value of a chart, and its row in the table. */
export interface ChartItem {
  /** In full: "March 2026". */
  readonly name: string;
  /** Below its column: "Mar". */
  readonly label?: string;
  /** Below that: the year, where it begins. */
  readonly sublabel?: string;
  readonly value: number;
  /** The cells of its row behind the name, as people read them. */
  readonly cells: readonly string[];
  /** Shows the expenses that it is made of. */
  readonly pick?: () => void;
}

export interface ChartOptions {
  readonly title: string;
  /** The names of the table's columns. */
  readonly columns: readonly string[];
  readonly items: readonly ChartItem[];
  /** A value, short, for the axis. */
  readonly tick: (value: number) => string;
  readonly kind: "columns" | "rows";
}

/**
 * A chart that can also be had as a table. Screen readers get the table always, since a drawing says
 * nothing to them; what a click on the drawing does, a button in the table does.
 */
export function chartCard(options: ChartOptions): HTMLElement {
  const { title, kind } = options;
  const content = h("div");
  const show = (asTable: boolean) => {
    const table = tableOf(options, asTable);
    if (asTable) {
      put(
        content,
        h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title }, table),
      );
    } else {
      const drawing = kind === "columns" ? columns(options) : rows(options);
      put(content, drawing, h("div", { class: "visually-hidden" }, table));
    }
    toggle.setAttribute("aria-pressed", String(asTable));
  };
  const toggle = button("Table", () => show(toggle.getAttribute("aria-pressed") !== "true"), {
    kind: "small",
    "aria-label": `${title} as a table`,
  });
  show(false);
  return h(
    "section",
    { class: "card" },
    h("header", { class: "card-head" }, h("h2", {}, title), toggle),
    content,
  );
}

function tableOf({ title, columns: names, items }: ChartOptions, isShown: boolean): HTMLElement {
  const [first = "", ...others] = names;
  return h(
    "table",
    { class: "data" },
    h("caption", { class: "visually-hidden" }, title),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        h("th", { scope: "col" }, first),
        ...others.map((name) => h("th", { scope: "col", class: "number" }, name)),
      ),
    ),
    h(
      "tbody",
      {},
      ...items.map(({ name, cells, pick }) =>
        h(
          "tr",
          {},
          h("th", { scope: "row" }, isShown && pick ? button(name, pick, { kind: "link" }) : name),
          ...cells.map((cell) => h("td", { class: "number" }, cell)),
        ),
      ),
    ),
  );
}

const height = 196;
/** Above the highest column, for its tick. */
const top = 8;
const fewestSlots = 7;

function columns({ items, tick }: ChartOptions): HTMLElement {
  const { highest, ticks } = scale(Math.max(0, ...items.map(({ value }) => value)));
  const y = (value: number) => top + (height - top) * (1 - value / highest);
  const slots = Math.max(items.length, fewestSlots);
  const band = 100 / slots;
  const left = ((slots - items.length) / 2) * band;
  const every = Math.ceil(items.length / 16);
  const axis = svg(
    "svg",
    { class: "axis", height: height + 34, width: 52 },
    ...ticks.map((value) =>
      svg("text", { x: 46, y: y(value) + 4, "text-anchor": "end" }, tick(value)),
    ),
  );
  const plot = svg(
    "svg",
    { class: "plot", height: height + 34, width: "100%" },
    ...ticks.map((value) => svg("line", { x1: "0", x2: "100%", y1: y(value), y2: y(value) })),
    ...items.map((item, index) => {
      const x = left + index * band;
      const barHeight = item.value <= 0 ? 0 : Math.max(2, height - y(item.value));
      const middle = `${x + band / 2}%`;
      const isLabelled = index % every === 0;
      return svg(
        "g",
        { class: item.pick ? "bar pickable" : "bar", on: item.pick ? { click: item.pick } : {} },
        svg("title", {}, [item.name, ...item.cells].join(" · ")),
        svg("rect", { class: "target", x: `${x}%`, y: 0, width: `${band}%`, height: height + 34 }),
        svg("rect", {
          class: "value",
          x: `${x + band * 0.18}%`,
          y: height - barHeight,
          width: `${band * 0.64}%`,
          height: barHeight,
          rx: 3,
        }),
        isLabelled &&
          svg(
            "text",
            {
              class: index % 2 ? "odd" : undefined,
              x: middle,
              y: height + 16,
              "text-anchor": "middle",
            },
            item.label ?? item.name,
          ),
        isLabelled &&
          item.sublabel !== undefined &&
          svg(
            "text",
            { class: "sub", x: middle, y: height + 30, "text-anchor": "middle" },
            item.sublabel,
          ),
      );
    }),
  );
  return h("div", { class: "columns", "aria-hidden": "true" }, axis, plot);
}

function rows({ items }: ChartOptions): HTMLElement {
  const highest = Math.max(1e-9, ...items.map(({ value }) => value));
  const whole = items.reduce((sum, { value }) => sum + Math.max(0, value), 0);
  return h(
    "div",
    { class: "rows", "aria-hidden": "true" },
    ...items.map(({ name, value, cells, pick }) => {
      const share = whole > 0 ? Math.round((Math.max(0, value) / whole) * 100) : 0;
      const width = `${(Math.max(0, value) / highest) * 100}%`;
      return h(
        "div",
        { class: pick ? "row pickable" : "row", on: pick ? { click: pick } : {} },
        h("span", { class: "row-name" }, name),
        h("span", { class: "row-share" }, `${share}%`),
        h("span", { class: "row-value" }, cells[0]),
        svg(
          "svg",
          { class: "row-bar", width: "100%", height: 8 },
          svg("rect", { class: "track", width: "100%", height: 8, rx: 4 }),
          value > 0 && svg("rect", { class: "value", width, height: 8, rx: 4 }),
        ),
      );
    }),
  );
}

/** Where the axis ends, and its marks: round numbers. */
function scale(largest: number): { highest: number; ticks: number[] } {
  if (largest <= 0) return { highest: 1, ticks: [0] };
  const rough = largest / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const count = Math.ceil(largest / step);
  const ticks = Array.from({ length: count + 1 }, (_, index) => index * step);
  return { highest: count * step, ticks };
}

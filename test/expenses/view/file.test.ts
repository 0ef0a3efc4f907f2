import { gzipSync } from "node:zlib";
import type { Metafile } from "esbuild";
import { describe, expect, it } from "vitest";
import { bundleServer } from "../../../scripts/bundle.ts";
import { categories, paymentMethods } from "../../../src/expenses/expense.ts";
import * as contract from "../../../src/expenses/view/contract.ts";
import { readAmount } from "../../../src/expenses/view/parts/format.ts";
import { verifies } from "../../requirements.ts";
import { builtView } from "./open-view.ts";

type Output = Metafile["outputs"][string];

describe("the view's file", () => {
  it(verifies("view.one-file", "is small, and names nothing outside of itself"), async () => {
    const html = await builtView;
    expect(gzipSync(html).length).toBeLessThan(200_000);
    const [, style = ""] = /<style>(.*?)<\/style>/s.exec(html) ?? [];
    const markup = html.replaceAll(/<(script|style)\b[^>]*>.*?<\/\1>/gs, "");
    expect(markup).toMatch(/^<!doctype html><html lang="en">/);
    expect(markup).not.toMatch(/(?:src|href)=/);
    expect(style).toContain("color-scheme");
    expect(style).not.toMatch(/@import|url\(/);
  });

  it(
    verifies("view.one-file", "is a part of the bundle that is loaded when it is read"),
    async () => {
      const [{ metafile }, other] = await Promise.all([
        bundleServer(),
        bundleServer("examples/vacations"),
      ]);
      const holdsView = ({ inputs }: Output) =>
        Object.keys(inputs).some((input) => input.endsWith("/view/index.html"));
      const withView = Object.keys(metafile.outputs).filter(
        (path) => metafile.outputs[path] && holdsView(metafile.outputs[path]),
      );
      expect(withView).toEqual([expect.stringMatching(/^dist\/parts\/view-\w+\.mjs$/)]);
      const atImport = new Set(["dist/main.mjs"]);
      for (const path of atImport) {
        for (const imported of metafile.outputs[path]?.imports ?? []) {
          if (imported.kind === "import-statement") atImport.add(imported.path);
        }
      }
      expect(atImport.size).toBeGreaterThan(2);
      expect([...atImport].filter((path) => withView.includes(path))).toEqual([]);
      expect(Object.values(other.metafile.outputs).filter(holdsView)).toEqual([]);
    },
  );

  it(verifies("view.list", "offers the categories and payment methods that there are"), () => {
    expect([...contract.categories]).toEqual([...categories]);
    expect(contract.paymentMethods.toSorted()).toEqual(paymentMethods.toSorted());
  });

  it(verifies("view.amounts", "reads an amount in one way or not at all"), () => {
    const read = (text: string) => [readAmount(text, "."), readAmount(text, ",")];
    expect(read("12.50")).toEqual([12.5, 12.5]);
    expect(read(" 12,5 ")).toEqual([12.5, 12.5]);
    expect(read(".5")).toEqual([0.5, 0.5]);
    expect(read("1234")).toEqual([1234, 1234]);
    // A thousand to some, and one and a bit to others.
    expect(read("1.234")).toEqual([1.234, undefined]);
    expect(read("1,234")).toEqual([undefined, 1.234]);
    for (const text of ["", ".", "1,234.50", "1 234", "-5", "12.50 EUR", "1e3", "abc"]) {
      expect(read(text), text).toEqual([undefined, undefined]);
    }
  });
});

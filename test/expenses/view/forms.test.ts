import { describe, expect, it } from "vitest";
import { verifies } from "../../requirements.ts";
import { FakeServer } from "./fake-server.ts";
import type { RealServer } from "./real-server.ts";
import { findings, lunch, useViews } from "./set-up.ts";

describe("the view's forms", () => {
  const { open, serve } = useViews();

  it(verifies("view.add", "adds an expense once, though the first answer was lost"), async () => {
    await using server = await serve();
    let isLost = false;
    const callTool: RealServer["callTool"] = async (call) => {
      const answer = await server.callTool(call);
      if (call.name !== "add_user_expense" || isLost) return answer;
      isLost = true;
      throw new Error("The connection was cut.");
    };
    const view = await open({ server: { ...server, callTool } });
    const { frame } = view;
    await frame.getByRole("button", { name: "Add expense" }).first().click();
    await frame.getByLabel("Amount").fill("12.50");
    await frame.getByLabel("Date").fill("2026-11-20");
    await frame.getByLabel("Description").press("Enter");
    // Nothing is sent that lacks something.
    await frame.getByText("What it was.").waitFor();
    await frame.getByLabel("Description").fill("Lunch");
    await frame.getByLabel("Description").press("Enter");
    await frame.getByRole("alert").getByText("could not be reached").waitFor();
    await frame.getByRole("button", { name: "Add", exact: true }).click();
    await frame.getByRole("status").getByText("Added.").waitFor();
    await frame.getByRole("button", { name: "Lunch" }).waitFor();
    expect(await server.stored()).toMatchObject([lunch]);
    expect(view.happened.map(({ what }) => what)).toEqual([]);
  });

  it(verifies("view.edit", "shows a lost update, and keeps what was written"), async () => {
    await using server = await serve({ expenses: [lunch] });
    const view = await open({ server, capabilities: { updateModelContext: {} } });
    const { frame } = view;
    await frame.getByRole("button", { name: "Lunch" }).click();
    await frame.getByLabel("Paid by").selectOption("Cash");
    const [{ id = "", version = "" } = {}] = await server.stored();
    const theirs = { id, version, amount: 14, description: "Lunch with Uma" };
    await server.callTool({ name: "update_user_expense", arguments: theirs });
    await frame.getByRole("button", { name: "Save changes" }).click();
    await frame.getByRole("alert").getByText("Description: Lunch with Uma").waitFor();
    expect(await findings(view)).toEqual([]);
    expect(await frame.getByLabel("Amount").inputValue()).toBe("14");
    expect(await frame.getByLabel("Paid by").inputValue()).toBe("cash");
    await frame.getByRole("button", { name: "Save changes" }).click();
    await frame.getByRole("status").getByText("Saved.").waitFor();
    const changed = { amount: 14, description: "Lunch with Uma", payment_method: "cash" };
    expect(await server.stored()).toMatchObject([{ ...lunch, ...changed }]);
    expect(view.happened.map(({ what }) => what)).toEqual(["model context"]);
    // What people have written is nothing for the model to read here.
    expect(JSON.stringify(view.happened)).not.toContain("Lunch");
  });

  it(verifies("view.delete", "deletes once the server's question was answered"), async () => {
    await using server = await serve({ expenses: [lunch] });
    const view = await open({ server });
    const { frame } = view;
    await frame.getByRole("button", { name: "Lunch" }).click();
    await frame.getByRole("button", { name: "Delete expense…" }).click();
    await frame.locator(".question").getByText("Delete this expense?").waitFor();
    expect(await findings(view)).toEqual([]);
    await frame.getByRole("button", { name: "Keep it" }).click();
    expect(await server.stored()).toHaveLength(1);
    await frame.getByRole("button", { name: "Delete expense…" }).click();
    await frame.getByRole("button", { name: "Delete", exact: true }).click();
    await frame.getByRole("status").getByText("Deleted.", { exact: true }).waitFor();
    expect(await server.stored()).toEqual([]);
  });

  it(verifies("view.receipts", "attaches a receipt, and shows it without a request"), async () => {
    await using server = await serve({ expenses: [lunch] });
    const view = await open({ server });
    const { frame } = view;
    await frame.getByRole("button", { name: "Lunch" }).click();
    const chooser = frame.locator("input[type=file]");
    const text = { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("Hello") };
    await chooser.setInputFiles(text);
    await frame.getByRole("alert").getByText("PNG").waitFor();
    await chooser.setInputFiles({ ...text, buffer: Buffer.alloc(2.5 * 1024 * 1024 + 1) });
    await frame.getByRole("alert").getByText("notes.txt has 2.5 MB, which is too large").waitFor();
    // One pixel.
    const pixel =
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    const picture = {
      name: "receipt.png",
      mimeType: "image/png",
      buffer: Buffer.from(pixel, "base64"),
    };
    await chooser.setInputFiles(picture);
    await frame.getByRole("status").getByText("Receipt added.").waitFor();
    await frame.getByRole("button", { name: "Show Receipt 1" }).click();
    const image = frame.getByRole("img", { name: "Receipt 1 of Lunch" });
    await image.waitFor();
    expect(await image.getAttribute("src")).toBe(`data:image/png;base64,${pixel}`);
    const loaded =
      "document.querySelector('img').decode().then(() => document.images[0].naturalWidth)";
    expect(await view.evaluate(loaded)).toBe(1);
    expect(await findings(view)).toEqual([]);
    // Its version is another by now: what is changed after it is not lost.
    await frame.getByLabel("Description").fill("Lunch with Uma");
    await frame.getByRole("button", { name: "Save changes" }).click();
    await frame.getByRole("status").getByText("Saved.").waitFor();
    await frame
      .getByRole("row", { name: "Lunch with Uma" })
      .getByText("Receipt", { exact: true })
      .waitFor();
    expect(view.trouble).toEqual([]);
  });

  it.each([
    ["done", "Deleted."],
    ["declined", "Nothing was deleted."],
  ])(
    verifies("view.delete", "takes the answer of a host that has asked the person itself: %s"),
    async (outcome, said) => {
      const server = new FakeServer();
      server.answers.set("delete_user_expense", [{ content: [], structuredContent: { outcome } }]);
      const { frame } = await open({ server });
      await frame.locator(".expenses button").first().click();
      await frame.getByRole("button", { name: "Delete expense…" }).click();
      await frame.getByRole("status").getByText(said, { exact: true }).waitFor();
    },
  );
});

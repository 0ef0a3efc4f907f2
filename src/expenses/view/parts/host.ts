import {
  App,
  applyDocumentTheme,
  applyHostStyleVariables,
  type McpUiHostContext,
} from "@modelcontextprotocol/ext-apps";
import { unquoted } from "./format.ts";

/** What a tool answered: its structured content, or what went wrong in words for the person. */
export type Answer<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly message: string };

/** How long a tool may take, in milliseconds: longer than the server lets it. */
const patience = 240_000;

/** The program that shows the view, and the server behind it. */
export class Host {
  readonly #app: App;
  readonly #listeners: (() => void)[] = [];
  /** What the tool was asked that opened the view. */
  readonly opening: Promise<Readonly<Record<string, unknown>>>;

  constructor() {
    this.#app = new App({ name: "expenses", version: "1.0.0" }, {});
    this.opening = new Promise((resolve) => {
      this.#app.addEventListener("toolinput", ({ arguments: given = {} }) => resolve(given));
    });
  }

  /** Makes contact, and takes on the host's looks. */
  async connect(): Promise<void> {
    this.#app.addEventListener("hostcontextchanged", (changed) => {
      this.#takeLooks(changed);
      if (changed.locale || changed.timeZone) for (const listener of this.#listeners) listener();
    });
    // Nothing is kept here that would be lost.
    this.#app.onteardown = () => ({});
    await this.#app.connect();
    this.#takeLooks(this.#context);
  }

  /** Calls `listener` when the host's language or time zone has changed. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  get locale(): string | undefined {
    const { locale } = this.#context;
    try {
      return locale && Intl.getCanonicalLocales(locale)[0];
    } catch {
      return undefined;
    }
  }

  get timeZone(): string | undefined {
    const { timeZone } = this.#context;
    try {
      return new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone;
    } catch {
      return undefined;
    }
  }

  /** Whether the host passes on calls of tools, without which the view can do nothing. */
  get canCall(): boolean {
    return this.#app.getHostCapabilities()?.serverTools !== undefined;
  }

  /** Whether the host passes on reads of resources: receipts, and months as files. */
  get canRead(): boolean {
    return this.#app.getHostCapabilities()?.serverResources !== undefined;
  }

  get canDownload(): boolean {
    return this.#app.getHostCapabilities()?.downloadFile !== undefined;
  }

  /** Calls a tool of the server. */
  async call<Value>(name: string, given: object): Promise<Answer<Value>> {
    try {
      const result = await this.#app.callServerTool(
        { name, arguments: { ...given } },
        { timeout: patience },
      );
      const text = unquoted(
        result.content.map((block) => (block.type === "text" ? block.text : "")).join("\n"),
      );
      if (result.isError) return { ok: false, message: text || "The server could not do this." };
      if (result.structuredContent === undefined) return { ok: false, message: text };
      return { ok: true, value: result.structuredContent as Value };
    } catch {
      // Of the host's or the protocol's: nothing in it that would help the person.
      return { ok: false, message: "The server could not be reached. Try again in a moment." };
    }
  }

  /** Reads a resource of the server. */
  async read(uri: string): Promise<Answer<{ text?: string; blob?: string; mimeType?: string }>> {
    try {
      const { contents } = await this.#app.readServerResource({ uri }, { timeout: patience });
      const [content] = contents;
      if (content) return { ok: true, value: content };
    } catch {
      // As above.
    }
    return { ok: false, message: "This could not be read. Try again in a moment." };
  }

  /** Has the host save a file, which a sandboxed page cannot do itself. */
  async download(
    uri: string,
    content: { readonly mimeType: string } & (
      | { readonly text: string }
      | { readonly blob: string }
    ),
  ): Promise<boolean> {
    try {
      const { isError } = await this.#app.downloadFile({
        contents: [{ type: "resource", resource: { uri, ...content } }],
      });
      return isError !== true;
    } catch {
      return false;
    }
  }

  /** Tells the model, with the person's next message, what has changed since it last looked. */
  async tellModel(text: string): Promise<void> {
    if (this.#app.getHostCapabilities()?.updateModelContext === undefined) return;
    await this.#app.updateModelContext({ content: [{ type: "text", text }] }).catch(() => {});
  }

  get #context(): McpUiHostContext {
    return this.#app.getHostContext() ?? {};
  }

  #takeLooks({ theme, styles, safeAreaInsets }: McpUiHostContext): void {
    const { body } = document;
    if (theme) applyDocumentTheme(theme);
    // Its fonts are not loaded: they would come over a network that the view does not have.
    if (styles?.variables) applyHostStyleVariables(styles.variables);
    if (safeAreaInsets) {
      const { top, right, bottom, left } = safeAreaInsets;
      body.style.padding = `${top}px ${right}px ${bottom}px ${left}px`;
    }
  }
}

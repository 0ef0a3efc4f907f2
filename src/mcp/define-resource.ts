import { type ReadResourceResult, UriTemplate } from "@modelcontextprotocol/server";
import { failure, type Result, success } from "../core/result.ts";
import {
  type Choices,
  completerOf,
  type DefinedResource,
  type OfferFailure,
  serveOffer,
} from "./offer.ts";
import { howToAskForLess, maximumResultBytes } from "./own-words.ts";
import type { ToolPolicy } from "./policy.ts";
import type { ToolContext } from "./tool.ts";

/** The names between the braces of a template: `month` of `notes://me/months/{month}.csv`. */
type VariableOf<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | VariableOf<Rest>
  : never;

interface CommonSpecification<Template extends string> {
  /** Names it in the log and to clients: letters, digits, `-`, `_`. */
  readonly name: string;
  readonly title: string;
  /** What it holds and when to read it. */
  readonly description: string;
  /** The media type; left out where it differs from one to the other, and {@link Contents} say it. */
  readonly mediaType?: string;
  /** How many bytes it has, where that is known beforehand. */
  readonly size?: number;
  /** Who may read it. What is whose is decided by `context.caller` alone, never by the URI. */
  readonly policy: ToolPolicy;
  /** `_meta` of its entry in the list. */
  readonly meta?: Readonly<Record<string, unknown>>;
  /**
   * How many bytes the contents may have as JSON, where that is more than an ordinary result has
   * (256 KiB). A file of n bytes has 4n/3 there.
   */
  readonly maximumBytes?: number;
  /** What the caller may choose for a variable of the template. */
  readonly complete?: { readonly [Name in VariableOf<Template>]?: Choices };
  /**
   * Reads it.
   *
   * @param variables from the URI, decoded, and otherwise unchecked: anything that stands there
   */
  read(
    variables: Readonly<Record<VariableOf<Template>, string>>,
    context: ToolContext,
  ): Promise<Result<Contents, OfferFailure>>;
}

/** What a resource holds: text, or bytes. */
export type Contents = ({ readonly text: string } | { readonly bytes: Uint8Array }) & {
  /** Where the definition says none, or another. */
  readonly mediaType?: string;
  /** `_meta` of the contents, such as an MCP App's `{ ui: { csp } }`. */
  readonly meta?: Readonly<Record<string, unknown>>;
};

/** One resource with a `uri`, which is listed; or many with a `uriTemplate`, of which none is. */
export type ResourceSpecification<Template extends string = string> =
  CommonSpecification<Template> &
    (
      | { readonly uri: string; readonly uriTemplate?: undefined }
      | { readonly uri?: undefined; readonly uriTemplate: Template }
    );

/**
 * Defines a resource, or many by a template whose variables each stand for a part of the path without
 * a slash. The result alone decides who may read it, catches everything, and limits what comes back.
 *
 * @example
 * defineResource({
 *   name: "note",
 *   title: "Note",
 *   description: "One of the signed-in person's notes.",
 *   uriTemplate: "notes://me/notes/{id}",
 *   mediaType: "text/plain",
 *   policy: everyone,
 *   async read({ id }, { caller, signal }) { … },
 * });
 *
 * @throws {TypeError} where the template has more in its braces than names
 */
export function defineResource<const Template extends string = never>(
  specification: ResourceSpecification<Template>,
): DefinedResource {
  const { name, title, description, mediaType, size, policy, meta } = specification;
  const { maximumBytes = maximumResultBytes, complete = {} } = specification;
  const { uri = "", uriTemplate } = specification as Partial<Record<"uri" | "uriTemplate", string>>;
  const match = uriTemplate === undefined ? matchUri(uri) : matchTemplate(uriTemplate);
  const offer = { kind: "resource", name, policy } as const;
  return {
    name,
    policy,
    maximumBytes,
    match,
    listing: {
      ...(uriTemplate === undefined ? { uri } : { uriTemplate }),
      name,
      title,
      description,
      ...(mediaType !== undefined && { mimeType: mediaType }),
      ...(size !== undefined && { size }),
      ...(meta && { _meta: meta }),
    },
    read: (asked, context, services) =>
      serveOffer(
        { ...offer, action: "resource-read" },
        context,
        services,
        async () => {
          const variables = match(asked) as Readonly<Record<VariableOf<Template>, string>>;
          const contents = await specification.read(variables, context);
          return contents.ok ? limited(resultOf(asked, contents.value), maximumBytes) : contents;
        },
        asked,
      ),
    complete: completerOf(offer, complete),
  };

  function resultOf(asked: string, contents: Contents): ReadResourceResult {
    const { mediaType: mimeType = mediaType, meta: _meta } = contents;
    const described = { uri: asked, ...(mimeType !== undefined && { mimeType }) };
    const more = _meta && { _meta };
    return {
      contents: [
        "text" in contents
          ? { ...described, text: contents.text, ...more }
          : { ...described, blob: Buffer.from(contents.bytes).toString("base64"), ...more },
      ],
    };
  }
}

function limited(
  result: ReadResourceResult,
  maximumBytes: number,
): Result<ReadResourceResult, OfferFailure> {
  if (Buffer.byteLength(JSON.stringify(result)) <= maximumBytes) return success(result);
  return failure({
    reason: "output-too-large",
    message: `The resource is too large. ${howToAskForLess}`,
  });
}

function matchUri(own: string): DefinedResource["match"] {
  return (uri) => (uri === own ? {} : undefined);
}

function matchTemplate(template: string): DefinedResource["match"] {
  if (/\{(?!\w+\})/.test(template) || template.includes("}{")) {
    throw new TypeError(`${template}: only names such as {month} can stand in braces.`);
  }
  const compiled = new UriTemplate(template);
  return (uri) => {
    const found = compiled.match(uri);
    if (!found) return undefined;
    try {
      const decoded = Object.entries(found).map(([name, value]) => [
        name,
        decodeURIComponent(String(value)),
      ]);
      return Object.fromEntries(decoded);
    } catch {
      // It is percent-encoded as nothing can be.
      return undefined;
    }
  };
}

import type { Container } from "@azure/cosmos";
import type { z } from "zod";
import { success } from "../src/core/result.ts";
import { type Domain, noConnections } from "../src/define-domain.ts";
import type { DefinedPrompt, DefinedResource } from "../src/mcp/offer.ts";
import type { ToolPolicy } from "../src/mcp/policy.ts";
import type { DefinedTool } from "../src/mcp/tool.ts";
import type { BlobArea, UserBlobs } from "../src/storage/user-blobs.ts";
import type { ContainerDefinition } from "../src/storage/user-items.ts";
import { compactJson } from "./compact-json.ts";

/** What the templates, the laptop stack and the docs' tables know of the domain: plain data. */
export interface DomainDescription {
  readonly name: string;
  readonly title: string;
  readonly scopeDescription: string;
  readonly containers: Readonly<Record<string, ContainerDefinition>>;
  /** The areas of the container for people's files; without any there is no such container. */
  readonly blobs: Readonly<Record<string, BlobArea>>;
  readonly settings: readonly SettingDescription[];
}

export interface SettingDescription {
  readonly name: string;
  readonly description: string;
  /** Absent where the setting has to be given, or may be left out without taking another value. */
  readonly default?: string;
}

export interface ToolDescription {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly policy: ToolPolicy;
  readonly needsApproval: boolean;
}

/** The domain as data. */
export function describeDomain(domain: Domain): DomainDescription {
  const { name, title, scopeDescription, containers, blobs = {}, settings } = domain;
  return {
    name,
    title,
    scopeDescription,
    containers,
    blobs,
    settings: Object.entries(settings.shape).map(([setting, schema]) => {
      const { description = "" } = schema as z.ZodType;
      const given = (schema as z.ZodType).safeParse(undefined);
      const isDefault = given.success && given.data !== undefined;
      return { name: setting, description, ...(isDefault ? { default: String(given.data) } : {}) };
    }),
  };
}

/** What tools, resources and prompts are made of to be listed, and never used. Settings have their defaults. */
function partsToList(domain: Domain): Parameters<Domain["tools"]>[0] {
  const nothing: unknown = {};
  return {
    settings: Object.fromEntries(
      Object.entries(domain.settings.shape).map(([name, schema]) => [
        name,
        (schema as z.ZodType).safeParse(undefined).data,
      ]),
    ),
    containers: new Proxy({}, { get: () => async () => nothing as Container }),
    blobs: nothing as UserBlobs,
    directory: { api: { name: "graph", title: "" }, get: async () => success(undefined) },
    api: (api) => ({ api, get: async () => success(undefined) }),
    connections: noConnections,
    keyRing: nothing as never,
    now: Date.now,
  };
}

/** The domain's tools, made to be listed and never called. */
export function listedTools(domain: Domain): readonly DefinedTool[] {
  return domain.tools(partsToList(domain));
}

/** A resource, a template of resources, or a prompt, as clients see it. */
export interface ListedOffer {
  readonly kind: "resource" | "template" | "prompt";
  /** What names it among all: a URI, a template of URIs, or the name of a prompt. */
  readonly id: string;
  readonly listing: DefinedResource["listing"] | DefinedPrompt["listing"];
  readonly policy: ToolPolicy;
}

/** What the domain offers beside tools, made to be listed and never read. */
export function listedOffers(domain: Domain): readonly ListedOffer[] {
  const parts = partsToList(domain);
  const resources = domain.resources?.(parts) ?? [];
  const prompts = domain.prompts?.(parts) ?? [];
  return [
    ...resources.map(
      ({ listing, policy }): ListedOffer =>
        "uri" in listing
          ? { kind: "resource", id: listing.uri, listing, policy }
          : { kind: "template", id: listing.uriTemplate, listing, policy },
    ),
    ...prompts.map(
      ({ name, listing, policy }): ListedOffer => ({ kind: "prompt", id: name, listing, policy }),
    ),
  ];
}

/** The snapshot of resources, templates and prompts, which changes on purpose alone. */
export function offersSnapshot(domain: Domain): string {
  const offers = listedOffers(domain);
  const ofKind = (wanted: ListedOffer["kind"]) =>
    offers
      .filter(({ kind }) => kind === wanted)
      .map(({ listing, policy }) => ({ ...listing, policy }));
  const lists = {
    resources: ofKind("resource"),
    resourceTemplates: ofKind("template"),
    prompts: ofKind("prompt"),
  };
  return `${compactJson(lists)}\n`;
}

/** The domain's tools as the docs' table has them. */
export function describeTools(domain: Domain): ToolDescription[] {
  return listedTools(domain).map(({ name, listing, policy, needsApproval = false }) => ({
    name,
    title: listing.title ?? name,
    description: listing.description ?? "",
    policy,
    needsApproval,
  }));
}

/** Models choose worse among more. */
export const mostTools = 15;

/** All that clients see of a tool, and whom it is for. */
export interface AgreedTool {
  readonly name: string;
  readonly policy: object;
}

/** The snapshot of the domain's tools, which changes on purpose alone. */
export function toolsSnapshot(domain: Domain): string {
  return snapshotText(listedTools(domain).map(agreedTool));
}

/** The snapshot with the tool of this name added, and the others as they were agreed to. */
export function snapshotWith(name: string, domain: Domain, agreed: readonly AgreedTool[]): string {
  const tools = listedTools(domain).map(agreedTool);
  return snapshotText(
    tools.flatMap((tool) =>
      tool.name === name ? tool : (agreed.find((other) => other.name === tool.name) ?? []),
    ),
  );
}

function agreedTool({ listing, policy, needsApproval }: DefinedTool): AgreedTool {
  return { ...listing, policy: { ...policy, ...(needsApproval ? { needsApproval } : {}) } };
}

function snapshotText(tools: readonly AgreedTool[]): string {
  return `${compactJson(tools)}\n`;
}

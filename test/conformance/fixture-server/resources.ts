import { success } from "../../../src/core/result.ts";
import { defineResource } from "../../../src/mcp/define-resource.ts";
import type { DefinedResource } from "../../../src/mcp/offer.ts";
import { everyone } from "../../../src/mcp/policy.ts";
import { image } from "./media.ts";

export const resources: readonly DefinedResource[] = [
  defineResource({
    name: "static-text",
    title: "Static text",
    description: "A text.",
    uri: "test://static-text",
    mediaType: "text/plain",
    policy: everyone,
    read: async () => success({ text: "This is the content of the static text resource." }),
  }),
  defineResource({
    name: "static-binary",
    title: "Static binary",
    description: "An image.",
    uri: "test://static-binary",
    mediaType: "image/png",
    policy: everyone,
    read: async () => success({ bytes: Buffer.from(image, "base64") }),
  }),
  defineResource({
    name: "template",
    title: "Template",
    description: "A resource for every id.",
    uriTemplate: "test://template/{id}/data",
    mediaType: "application/json",
    policy: everyone,
    read: async ({ id }) => success({ text: JSON.stringify({ id }) }),
  }),
];

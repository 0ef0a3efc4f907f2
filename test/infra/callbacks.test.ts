import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { callbackProblem } from "../../infra/client-registrations/callbacks.ts";
import {
  readClientList,
  readRegisteredClients,
  writeClientList,
  writeRegisteredClients,
} from "../../infra/client-registrations/client-list.ts";
import {
  type RegistrableClient,
  registrableClients,
} from "../../infra/client-registrations/known-clients.ts";
import { verifies } from "../requirements.ts";

const problem = (name: string, callback: string) =>
  callbackProblem(registrableClients[name] as RegistrableClient, callback);

describe("a callback", () => {
  it.each([
    ["chatgpt", "https://chatgpt.com/connector/oauth/OUbdUMlL15Ct"],
    ["copilot-studio", "https://global.consent.azure-apim.net/redirect"],
    ["copilot-studio", "https://global.consent.azure-apim.net/redirect/cr1-5fexpenses-5f01"],
    ["claude", "https://claude.ai/api/mcp/auth_callback"],
    ["claude", "https://claude.ai/api/mcp/another_callback"],
    ["claude-code", "http://localhost:3118/callback"],
    ["bridge", "http://127.0.0.1"],
    ["cursor", "cursor://anysphere.cursor-mcp/oauth/other"],
  ])(verifies("register-client.callback", "of %s may be %s"), (name, callback) => {
    expect(problem(name, callback)).toBeUndefined();
  });

  it.each([
    ["chatgpt", "connector/oauth/a", "no URL"],
    ["chatgpt", "https://chatgpt.com/connector/oauth/", "begin with"],
    ["chatgpt", "https://chatgpt.com/connector/oauth/../../a", "Write it as https://chatgpt.com/a"],
    ["chatgpt", "https://chatgpt.com/connector/oauth/%2e%2e/a", "Write it as"],
    ["chatgpt", "https://chatgpt.com\\@evil.example/connector/oauth/a", "Write it as"],
    ["chatgpt", "https://chatgpt.com/connector/oauth/a#b", "fragment"],
    ["chatgpt", "https://chatgpt.com/connector/oauth/a#", "fragment"],
    ["chatgpt", "https://chatgpt.com/connector/oauth/*", "wildcard"],
    ["chatgpt", "https://chatgpt.com/connector/oauth/a,b", "comma"],
    ["chatgpt", "https://chatgpt.com@evil.example/connector/oauth/a", "user"],
    ["chatgpt", "https://chatgpt.com.evil.example/connector/oauth/a", "begin with"],
    ["chatgpt", `https://chatgpt.com/connector/oauth/${"a".repeat(256)}`, "256 characters"],
    ["chatgpt", "http://chatgpt.com/connector/oauth/a", "use https"],
    ["chatgpt", "https://chatgpt.com/connector/oauth/$(id)", "a shell could read"],
    ["chatgpt", "https://chatgpt.com/connector/oauth/'`id`'", "a shell could read"],
    ["chatgpt", "HTTPS://ChatGPT.com/connector/oauth/a", "Write it as https://chatgpt.com"],
    ["chatgpt", "https://ch\u0430tgpt.com/connector/oauth/a", "Write it as https://xn--"],
    ["chatgpt", "https://chatgpt.com:443/connector/oauth/a", "Write it as"],
    ["chatgpt", "https://chatgpt.com:8443/connector/oauth/a", "begin with"],
    ["chatgpt", " https://chatgpt.com/connector/oauth/a", "Write it as"],
    ["cursor", "cursor://anysphere.cursor-mcp.evil/oauth/callback", "are like"],
    ["cursor", "cursor:\\\\anysphere.cursor-mcp/oauth", "a shell could read"],
    ["cursor", "cursor://ANYSPHERE.cursor-mcp/oauth/callback", "are like"],
    ["copilot-studio", "https://global.consent.azure-apim.net/redirected", "under Web"],
    ["claude", "https://claude.ai:8443/api/mcp/auth_callback", "are like"],
    ["claude", "http://localhost/callback", "are like"],
    ["claude-code", "http://localhost.evil.example/callback", "use https"],
    ["claude-code", "https://localhost/callback", "are like"],
    ["cursor", "cursor://evil/oauth/callback", "are like"],
    ["cursor", "javascript:alert", "are like"],
    ["cursor", "javascript:alert(1)", "a shell could read"],
  ])(verifies("register-client.callback", "of %s may not be %s: %s"), (name, callback, words) => {
    expect(problem(name, callback)).toContain(words);
  });
});

describe("the list of clients to register", () => {
  const name = fc.constantFrom(...Object.keys(registrableClients));
  const callback = fc.webUrl({ withQueryParameters: true }).filter((url) => !url.includes(","));

  it(verifies("register-client.notes", "is read as it was written"), () => {
    const lists = fc.uniqueArray(fc.tuple(name, fc.uniqueArray(callback, { maxLength: 3 })), {
      selector: ([each]) => each,
    });
    fc.assert(
      fc.property(lists, (entries) => {
        const list = new Map(entries);
        expect(readClientList(writeClientList(list))).toEqual(list);
      }),
    );
    const ids = new Map([
      ["claude", "a"],
      ["cursor", "b"],
    ]);
    expect(readRegisteredClients(writeRegisteredClients(ids))).toEqual(ids);
  });

  it.each([
    [undefined, {}],
    ["", {}],
    [" claude , cursor,", { claude: [], cursor: [] }],
    ["chatgpt=https://a/?b=c,chatgpt, chatgpt = https://a/?b=c", { chatgpt: ["https://a/?b=c"] }],
  ])(verifies("register-client.notes", "may be written by a person: %j"), (text, list) => {
    expect(Object.fromEntries(readClientList(text))).toEqual(list);
  });
});

import type { ElicitRequestFormParams } from "@modelcontextprotocol/server";

/** A field of every primitive type, each with a default. */
export const formWithDefaults: ElicitRequestFormParams = {
  message: "Please review the values.",
  requestedSchema: {
    type: "object",
    properties: {
      name: { type: "string", default: "John Doe" },
      age: { type: "integer", default: 30 },
      score: { type: "number", default: 95.5 },
      status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
      verified: { type: "boolean", default: true },
    },
  },
};

const titledOptions = [
  { const: "value1", title: "First Option" },
  { const: "value2", title: "Second Option" },
  { const: "value3", title: "Third Option" },
];

/** A choice of every kind: one or several, with titles and without. */
export const formWithEnums: ElicitRequestFormParams = {
  message: "Please choose.",
  requestedSchema: {
    type: "object",
    properties: {
      untitledSingle: { type: "string", enum: ["option1", "option2", "option3"] },
      titledSingle: { type: "string", oneOf: titledOptions },
      legacyEnum: {
        type: "string",
        enum: ["opt1", "opt2", "opt3"],
        enumNames: ["Option One", "Option Two", "Option Three"],
      },
      untitledMulti: {
        type: "array",
        items: { type: "string", enum: ["option1", "option2", "option3"] },
      },
      titledMulti: { type: "array", items: { anyOf: titledOptions } },
    },
  },
};

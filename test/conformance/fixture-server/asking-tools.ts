import {
  acceptedContent,
  type InputRequests,
  inputRequired,
  inputResponse,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { formWithDefaults, formWithEnums } from "./elicitation-forms.ts";
import { type RoundState, signState } from "./request-state.ts";
import { type McpRequest, type RequestTool, text } from "./request-tool.ts";

const nameForm = z.object({ name: z.string() });
const colorForm = z.object({ color: z.string() });
const confirmationForm = z.object({ ok: z.boolean() });
const answerForm = z.object({ response: z.string() });

const askName = inputRequired.elicit({
  message: "What is your name?",
  requestedSchema: nameForm,
});

const askConfirmation = inputRequired.elicit({
  message: "Please confirm.",
  requestedSchema: confirmationForm,
});

function askModel(prompt: string) {
  return inputRequired.createMessage({
    messages: [{ role: "user", content: { type: "text", text: prompt } }],
    maxTokens: 100,
  });
}

function ask(inputRequests: InputRequests, requestState?: string) {
  return inputRequired({ inputRequests, ...(requestState === undefined ? {} : { requestState }) });
}

/** What the model said, or nothing where there is no usable answer. */
function modelText({ inputResponses }: McpRequest, key: string): string | undefined {
  const response = inputResponse(inputResponses, key);
  if (response.kind !== "sampling") return undefined;
  const { content } = response.result;
  return !Array.isArray(content) && content.type === "text" ? content.text : undefined;
}

/** Asks until what is missing has come, however often (MCP specification, MRTR, Error Handling). */
function elicitingTool(
  name: string,
  description: string,
  params: Parameters<typeof inputRequired.elicit>[0],
): RequestTool {
  return {
    name,
    description,
    call: async ({ inputResponses }) => {
      const content = acceptedContent(inputResponses, "answer");
      if (!content) return ask({ answer: inputRequired.elicit(params) });
      return text(`Elicitation completed: action=accept, content=${JSON.stringify(content)}`);
    },
  };
}

/** A tool that asks the model one thing and answers with what it said. */
function samplingTool(name: string, key: string, prompt: string): RequestTool {
  return {
    name,
    description: `Asks the client's model: ${prompt}`,
    call: async (request) => {
      const answer = modelText(request, key);
      return answer === undefined
        ? ask({ [key]: askModel(prompt) })
        : text(`LLM response: ${answer}`);
    },
  };
}

/** A tool that remembers, in state it has signed, that it asked for a confirmation. */
function confirmedTool(name: string, answer: string): RequestTool {
  return {
    name,
    description: "Asks for a confirmation, and remembers in signed state that it asked.",
    call: async ({ inputResponses, requestState }) => {
      const confirmed = acceptedContent(inputResponses, "confirm", confirmationForm);
      if (confirmed && requestState<RoundState>()?.tool === name) return text(answer);
      return ask({ confirm: askConfirmation }, await signState({ tool: name, round: 1 }));
    },
  };
}

const asksName: RequestTool = {
  name: "test_input_required_result_elicitation",
  description: "Asks for a name.",
  call: async ({ inputResponses }) => {
    const answer = acceptedContent(inputResponses, "user_name", nameForm);
    return answer ? text(`Hello, ${answer.name}!`) : ask({ user_name: askName });
  },
};

const asksRoots: RequestTool = {
  name: "test_input_required_result_list_roots",
  description: "Asks for the client's roots.",
  call: async ({ inputResponses }) => {
    const answer = inputResponse(inputResponses, "client_roots");
    if (answer.kind !== "roots") return ask({ client_roots: inputRequired.listRoots() });
    return text(`The roots: ${answer.roots.map(({ uri }) => uri).join(", ")}`);
  },
};

const asksAllAtOnce: RequestTool = {
  name: "test_input_required_result_multiple_inputs",
  description: "Asks for a name, a greeting and the roots in one round.",
  call: async (request) => {
    const { inputResponses } = request;
    const answer = acceptedContent(inputResponses, "user_name", nameForm);
    const greeting = modelText(request, "greeting");
    const roots = inputResponse(inputResponses, "client_roots");
    if (answer && greeting !== undefined && roots.kind === "roots") {
      return text(`${greeting} ${answer.name}, you have ${roots.roots.length} roots.`);
    }
    return ask(
      {
        user_name: askName,
        greeting: askModel("Generate a greeting"),
        client_roots: inputRequired.listRoots(),
      },
      await signState({ tool: "test_input_required_result_multiple_inputs", round: 1 }),
    );
  },
};

const asksTwice: RequestTool = {
  name: "test_input_required_result_multi_round",
  description: "Asks for a name, then for a color.",
  call: async ({ inputResponses, requestState }) => {
    const tool = "test_input_required_result_multi_round";
    const state = requestState<RoundState>();
    const name = acceptedContent(inputResponses, "step1", nameForm)?.name ?? state?.name;
    if (state?.tool !== tool || name === undefined) {
      return ask({ step1: askName }, await signState({ tool, round: 1 }));
    }
    const answer = acceptedContent(inputResponses, "step2", colorForm);
    if (answer) return text(`${name} likes ${answer.color}.`);
    const askColor = inputRequired.elicit({
      message: "What is your favorite color?",
      requestedSchema: colorForm,
    });
    return ask({ step2: askColor }, await signState({ tool, round: 2, name }));
  },
};

const asksWhatCanBeAnswered: RequestTool = {
  name: "test_input_required_result_capabilities",
  description: "Asks only what the client says it can answer.",
  call: async ({ inputResponses }, capabilities) => {
    if (inputResponses) return text("Everything was answered.");
    return ask({
      ...(capabilities?.elicitation ? { user_name: askName } : {}),
      ...(capabilities?.sampling ? { greeting: askModel("Generate a greeting") } : {}),
      ...(capabilities?.roots ? { client_roots: inputRequired.listRoots() } : {}),
    });
  },
};

/** Fixture tools that need something from the client before they can answer. */
export const askingTools: readonly RequestTool[] = [
  asksName,
  asksRoots,
  asksAllAtOnce,
  asksTwice,
  asksWhatCanBeAnswered,
  confirmedTool("test_input_required_result_request_state", "state-ok"),
  confirmedTool("test_input_required_result_tampered_state", "integrity-ok"),
  samplingTool(
    "test_input_required_result_sampling",
    "capital_question",
    "What is the capital of France?",
  ),
  samplingTool("test_missing_capability", "answer", "Reply with the single word: pong"),
  samplingTool("test_sampling", "answer", "Test prompt for sampling"),
  elicitingTool("test_elicitation", "Asks for an answer.", {
    message: "Please provide your information",
    requestedSchema: answerForm,
  }),
  elicitingTool("test_elicitation_sep1034_defaults", "Asks with defaults.", formWithDefaults),
  elicitingTool("test_elicitation_sep1330_enums", "Asks with choices.", formWithEnums),
];

import { z } from "zod";
import {
  clientMetadata,
  clientMetadataRules,
  printableName,
  type RedirectUriJudge,
} from "../../core/client-documents/document.ts";
import { isObject } from "../../core/encoding.ts";
import { type Answer, jsonAnswer } from "../../core/endpoint.ts";
import { failure, type Result, success } from "../../core/result.ts";
import type { RandomBytes } from "../../keys/signing-key.ts";
import type { StoreFailure } from "../../storage/failure.ts";
import { retryAfterOf } from "../grants/grant-failure.ts";
import type { GatewayHandler } from "../http/handler.ts";
import { oauthError, temporarilyUnavailable } from "../http/oauth-answers.ts";
import { type StepEvent, stepRecord } from "../http/step-record.ts";
import type { GatewaySettings } from "../settings.ts";
import type { GatewayStore } from "../store/records.ts";
import { newRegisteredId } from "./client-ids.ts";
import { redirectUriJudge } from "./redirect-uri.ts";
import { RegisteredClients } from "./registered-clients.ts";

/**
 * Registered clients that there may be at a time. Whoever fills them up, against the limit of their
 * address, keeps others from registering for a day, and from nothing else.
 */
const mostRegistrations = 1_000;
/** Seconds after which a client may ask again where there is no room. */
const roomAgain = 60 * 60;

export interface RegistrationOptions {
  readonly settings: Pick<GatewaySettings, "privateSchemes" | "idleMilliseconds">;
  readonly store: GatewayStore;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds by a clock that nobody sets: for durations alone. */
  readonly monotonicNow: () => number;
  readonly randomBytes: RandomBytes;
  /** Registered clients that there may be at a time: 1,000 unless given. */
  readonly most?: number;
}

const members = z.object({
  ...clientMetadata,
  client_name: z.string().max(200).optional(),
  token_endpoint_auth_method: z.literal("none").optional(),
});

const rules = {
  ...clientMetadataRules,
  client_name: "must be a text of at most 200 characters",
  token_endpoint_auth_method:
    "must be none, or be left out: clients are public here, and neither secrets nor private_key_jwt are supported",
} satisfies Record<keyof z.output<typeof members>, string>;

/** What a client registers, judged. */
interface Metadata {
  readonly name: string;
  readonly redirectUris: readonly string[];
}

/** RFC 7591 section 3.2.2. */
interface MetadataProblem {
  readonly kind: "invalid_redirect_uri" | "invalid_client_metadata";
  readonly description: string;
}

/** Members that are not used are ignored, as RFC 7591 section 2 allows: nothing is fetched or shown. */
function readMetadata(
  json: unknown,
  redirectUriProblem: RedirectUriJudge,
): Result<Metadata, MetadataProblem> {
  const refuse = (kind: MetadataProblem["kind"], description: string) =>
    failure({ kind, description });
  if (!isObject(json)) {
    return refuse(
      "invalid_client_metadata",
      "The body must be a JSON object, sent as application/json.",
    );
  }
  const parsed = members.safeParse(json);
  if (!parsed.success) {
    const member = parsed.error.issues[0]?.path[0] as keyof typeof rules;
    const kind = member === "redirect_uris" ? "invalid_redirect_uri" : "invalid_client_metadata";
    return refuse(kind, `${member} ${rules[member]}.`);
  }
  const { redirect_uris: redirectUris, client_name = "" } = parsed.data;
  for (const [index, uri] of redirectUris.entries()) {
    const rule = redirectUriProblem(uri);
    if (rule) return refuse("invalid_redirect_uri", `redirect_uris[${index}] ${rule}.`);
  }
  const name = printableName(client_name) || "An application without a name";
  return success({ name, redirectUris });
}

/**
 * Registers public clients, whoever asks. What is answered is what holds, whatever else was asked for:
 * where a client leaves `token_endpoint_auth_method` out, it is told that it has none.
 *
 * Source: RFC 7591 section 3
 */
export function createRegistration(options: RegistrationOptions): GatewayHandler {
  const { settings, store, now, monotonicNow, randomBytes, most = mostRegistrations } = options;
  const redirectUriProblem = redirectUriJudge(settings.privateSchemes);
  const { idleMilliseconds } = settings;
  const clients = new RegisteredClients({ store, now, idleMilliseconds });

  return async (request) => {
    const record = stepRecord("gateway-registration", request, monotonicNow);
    const told = (answer: Answer, event: StepEvent) => {
      record(event);
      return answer;
    };

    const metadata = readMetadata(request.json, redirectUriProblem);
    if (!metadata.ok) {
      const { kind, description } = metadata.reason;
      const answer = oauthError(400, kind, description);
      return told(answer, { outcome: "refused", reason: kind, expected: description });
    }
    const clientId = newRegisteredId(randomBytes);
    const { name, redirectUris } = metadata.value;
    const added = await clients.add(
      clientId,
      { name, redirectUris: [...redirectUris] },
      most,
      request.signal,
    );
    if (!added.ok) {
      const { reason } = added;
      if (reason.kind === "no-room") {
        return told(noRoomAnswer, { outcome: "refused", reason: "no-room" });
      }
      return told(storeAnswer(reason), { outcome: "failed", reason: `store-${reason.kind}` });
    }
    const answer = jsonAnswer(201, {
      client_id: clientId,
      client_id_issued_at: Math.floor(added.value.registeredAt / 1000),
      client_name: name,
      redirect_uris: redirectUris,
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    });
    return told(answer, { outcome: "success", clientId });
  };
}

const noRoomAnswer = temporarilyUnavailable(
  "As many clients are registered here as there may be. Those that nobody uses are forgotten after a while. A client whose client_id is the URL of its document needs no registration.",
  roomAgain,
);

function storeAnswer(reason: StoreFailure): Answer {
  return temporarilyUnavailable(
    "Clients cannot be registered right now. Try again soon.",
    retryAfterOf({ kind: "store", reason }),
  );
}

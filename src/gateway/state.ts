import type { Log } from "../core/log.ts";
import type { KeyStorage } from "../keys/key-storage.ts";
import type { RandomBytes } from "../keys/signing-key.ts";
import type { OpenContainer } from "../storage/user-items.ts";
import { createPersonConnections } from "./connections/ending.ts";
import { createGrants, type Grants } from "./grants/grants.ts";
import { createGatewayKeys, type GatewayKeys } from "./keys/gateway-keys.ts";
import type { GatewaySettings } from "./settings.ts";
import { gatewayContainer } from "./store/container.ts";
import { createGatewayStore } from "./store/cosmos-records.ts";
import type { GatewayStore } from "./store/records.ts";

export interface GatewayStateOptions {
  readonly settings: GatewaySettings;
  /** Opens a container of the database. */
  readonly openContainer: (name: string) => ReturnType<OpenContainer>;
  /** Of the gateway's own keys. */
  readonly keyStorage: KeyStorage;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds by a clock that nobody sets: for durations alone. */
  readonly monotonicNow: () => number;
  readonly randomBytes: RandomBytes;
  readonly log: Log;
  /** For tests: waits so many milliseconds. */
  readonly pause?: ((milliseconds: number) => Promise<void>) | undefined;
}

/** What all instances of the gateway share. */
export interface GatewayState {
  readonly settings: GatewaySettings;
  readonly store: GatewayStore;
  readonly keys: GatewayKeys;
  readonly grants: Grants;
  /** What a domain may know of people's connections. */
  readonly connections: ReturnType<typeof createPersonConnections>;
  /** Rejects where the container or the keys cannot be had. */
  reach(signal: AbortSignal): Promise<void>;
}

export function openGatewayState(options: GatewayStateOptions): GatewayState {
  const { openContainer, keyStorage, pause, ...common } = options;
  const open = () => openContainer(gatewayContainer.name);
  const waiting = pause && { pause };
  const store = createGatewayStore({ open, now: options.now, ...waiting });
  const keys = createGatewayKeys({ ...common, storage: keyStorage });
  const grants = createGrants({ ...common, ...waiting, store, keys });
  return {
    settings: options.settings,
    store,
    keys,
    grants,
    connections: createPersonConnections({ ...common, grants }),
    async reach(abortSignal) {
      const [known] = await Promise.all([
        keys.signingKey(),
        open().then((container) => container.read({ abortSignal })),
      ]);
      if (!known.ok) throw new Error("The gateway has no keys.");
    },
  };
}

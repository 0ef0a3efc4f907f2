import { createDefaultHttpClient } from "@azure/core-rest-pipeline";
import type { Container } from "@azure/cosmos";
import { decodeJwt } from "jose";
import { domain } from "../../src/expenses/domain.ts";
import { type StoredExpense, storedExpense } from "../../src/expenses/store/stored-expense.ts";
import { type Answer, type SentRequest, tokenAnswer } from "../downstream/fakes.ts";
import { claimsWith, sign } from "../gates/tokens.ts";
import { FakeClock } from "../keys/fake-clock.ts";
import { type CosmosBackEnd, startCosmosEmulator } from "../storage/cosmos-emulator.ts";
import { type ConnectedClient, connectClient } from "../support/clients.ts";
import { companyNetwork, composeForTest, host, testEnvironment } from "../support/composed.ts";

/** A Wednesday. */
export const today = "2026-11-18";
export const yesterday = "2026-11-17";

const people = {
  uma: {
    id: "aaaaaaaa-0000-4000-8000-000000000001",
    displayName: "Uma Example",
    department: "Finance",
  },
  ada: {
    id: "aaaaaaaa-0000-4000-8000-000000000002",
    displayName: "Ada Example",
    department: "IT",
  },
} as const;

/** Uma has expenses; Ada is an administrator, with few of her own. */
export type Person = keyof typeof people;

const spent = (
  date: string,
  amount: number,
  category: string,
  description: string,
  payment_method: string,
  currency = "USD",
) => ({ date, amount, category, description, payment_method, currency });

/** In the order in which they are added. */
const expenses: Readonly<Record<Person, readonly ReturnType<typeof spent>[]>> = {
  uma: [
    spent("2026-03-05", 75, "entertainment", "Concert", "visa"),
    spent("2026-07-14", 120, "shopping", "Shoes", "debit_card"),
    spent("2026-10-03", 42, "food", "Groceries", "visa"),
    spent("2026-10-12", 18.5, "transport", "Taxi to the airport", "amex"),
    spent("2026-10-13", 899, "gadget", "Phone", "mastercard"),
    spent("2026-10-20", 12.3, "food", "Lunch", "visa"),
    spent("2026-11-02", 49, "gadget", "Coffee machine", "amex"),
    spent("2026-11-12", 30, "transport", "Taxi from the station", "cash", "EUR"),
    spent("2026-11-16", 2.5, "food", "Coffee", "cash"),
    spent("2026-11-17", 64.2, "food", "Dinner with a client", "amex"),
  ],
  ada: [spent("2026-08-02", 35, "food", "Lunch", "visa")],
};

/** A server with two people's expenses, at noon of {@link today}. */
export interface World {
  /** Connects as a client does that shows its model what tools answer. */
  connect(person: Person): Promise<ConnectedClient>;
  /** What is stored of a person. */
  storedOf(person: Person): Promise<readonly StoredExpense[]>;
}

/** Makes worlds, each with its own containers. */
export async function startWorlds(): Promise<{ make(): Promise<World>; close(): Promise<void> }> {
  const cosmos = await startCosmosEmulator(domain.containers.expenses);
  return { make: () => makeWorld(cosmos), close: () => cosmos.close() };
}

async function makeWorld(cosmos: CosmosBackEnd): Promise<World> {
  const container = await cosmos.openContainer(createDefaultHttpClient());
  const clock = new FakeClock(Date.parse(`${today}T10:00:00Z`));
  const app = await composeForTest(domain, {
    adapters: {
      now: clock.now,
      monotonicNow: clock.now,
      openContainer: async () => container,
      httpClient: companyNetwork({ authority: graphTokenFor, graph: directoryAnswer }),
    },
  });
  async function connect(person: Person): Promise<ConnectedClient> {
    const seconds = Math.floor(clock.now() / 1000);
    const { id } = people[person];
    const times = { iat: seconds - 60, nbf: seconds - 60, exp: seconds + 3600 };
    return connectClient("modern", new URL(`https://${host}/mcp`), {
      accessToken: await sign(app.key, claimsWith({ oid: id, ...times })),
      async fetch(input, init) {
        clock.advance(1000);
        const request = new Request(input, init);
        request.headers.set("host", host);
        return app.send(request);
      },
    });
  }
  for (const person of ["ada", "uma"] as const) {
    const client = await connect(person);
    for (const expense of expenses[person]) {
      const { isError } = await client.callTool({ name: "add_user_expense", arguments: expense });
      if (isError) throw new Error(`Could not add ${expense.description}.`);
    }
    await client.close();
  }
  return { connect, storedOf: (person) => storedIn(container, people[person].id) };
}

/** As the authority exchanges a token: for one that names the same person. */
function graphTokenFor({ form }: SentRequest): Answer {
  return tokenAnswer(String(decodeJwt(String(form.assertion)).oid));
}

function directoryAnswer({ url, headers }: SentRequest): Answer {
  const id = headers.authorization?.replace("Bearer ", "");
  const [name, person] = Object.entries(people).find(([, each]) => each.id === id) ?? [];
  if (!person) return { status: 401 };
  if (!url.includes("/transitiveMemberOf/")) return { body: person };
  return { body: name === "ada" ? isMember : { "@odata.count": 0, value: [] } };
}

const isMember = {
  "@odata.count": 1,
  value: [{ id: testEnvironment.ENTRA_ADMIN_GROUP_ID }],
};

async function storedIn(container: Container, userId: string): Promise<StoredExpense[]> {
  const query = {
    query: "SELECT * FROM c WHERE c.userId = @userId AND c.type = 'expense'",
    parameters: [{ name: "@userId", value: userId }],
  };
  const { resources } = await container.items.query(query, { partitionKey: userId }).fetchAll();
  return resources.map((item) => storedExpense.parse(item));
}

import { z } from "zod";
import { defineDomain } from "../../src/define-domain.ts";
import { userContainer } from "../../src/storage/user-items.ts";
import { cancelVacation } from "./cancel-vacation.ts";
import { listVacations } from "./list-vacations.ts";
import { planVacation } from "./plan-prompt.ts";
import { requestVacation } from "./request-vacation.ts";
import { VacationStore } from "./store.ts";
import { yearOfVacations } from "./year-resource.ts";

/** A small domain to copy: vacations that people request, list and cancel. */
export const domain = defineDomain({
  name: "vacations",
  title: "Vacations",
  instructions:
    "Requests, lists and cancels vacations of the signed-in person. Use list_vacations before request_vacation to learn how many working days are left, and cancel_vacation once the person agrees.",
  scopeDescription: "Request, list and cancel your vacations as you",
  settings: z.object({
    VACATION_DAYS_PER_YEAR: z
      .string()
      .regex(/^[1-9]\d{0,2}$/, "must be a whole number of days from 1 to 999, such as 30")
      .transform(Number)
      .default(30)
      .describe("Working days of vacation that each person has in a calendar year"),
  }),
  // Indexed is what the store's query uses.
  containers: { vacations: userContainer(["first_day"]) },
  tools({ settings: { VACATION_DAYS_PER_YEAR: daysPerYear }, containers }) {
    const store = new VacationStore(containers.vacations);
    return [
      requestVacation(store, daysPerYear),
      listVacations(store, daysPerYear),
      cancelVacation(store),
    ];
  },
  resources: ({ containers, now }) => [
    yearOfVacations(new VacationStore(containers.vacations), now),
  ],
  prompts: () => [planVacation()],
});

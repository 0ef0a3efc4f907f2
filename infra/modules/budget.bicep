metadata description = 'A monthly budget of the resource group: it tells, and stops nothing.'

@description('Name of the budget.')
param name string

@description('What a month may cost, in the subscription\'s currency.')
param amount int

@description('The month from which it counts, as YYYY-MM-01.')
param start string

@description('E-mail address that is told; empty for the subscription\'s owners.')
param email string

// Azure refuses a month that is over for a new budget, and another month for an existing one. So it cannot be the
// month of the deployment: https://learn.microsoft.com/rest/api/consumption/budgets/create-or-update
var isMonth = length(start) == 10 && endsWith(start, '-01')

resource budget 'Microsoft.Consumption/budgets@2023-11-01' = {
  name: name
  properties: {
    category: 'Cost'
    timeGrain: 'Monthly'
    amount: amount
    timePeriod: {
      startDate: isMonth
        ? start
        : fail('MONTHLY_BUDGET needs BUDGET_START, the first day of this month, such as 2027-01-01.')
    }
    notifications: toObject(
      [
        { name: 'actual', type: 'Actual', percent: 80 }
        { name: 'forecast', type: 'Forecasted', percent: 100 }
      ],
      rule => rule.name,
      rule => {
        enabled: true
        operator: 'GreaterThan'
        threshold: rule.percent
        thresholdType: rule.type
        contactEmails: empty(email) ? [] : [email]
        contactRoles: empty(email) ? ['Owner'] : []
      }
    )
  }
}

import { checkBillTool } from './check-bill.ts';
import { describeDataTool } from './describe-data.ts';
import { describeFreshnessTool } from './describe-freshness.ts';
import { explainChangeTool } from './explain-change.ts';
import { findAnomaliesTool } from './find-anomalies.ts';
import { findRecommendationsTool } from './find-recommendations.ts';
import { findResourcesTool } from './find-resources.ts';
import { forecastCostsTool } from './forecast-costs.ts';
import { proposeRemediationTool } from './propose-remediation.ts';
import { queryCostsTool } from './query-costs.ts';
import { querySqlTool } from './query-sql.ts';
import { showBudgetsTool } from './show-budgets.ts';
import { showInsightsTool } from './show-insights.ts';
import { showSavingsTool } from './show-savings.ts';
import type { Tool } from './tool.ts';
import { unitCostsTool } from './unit-costs.ts';

/** What the model, the API and the command line may call, in the order they are described to a model. */
export const tools: Tool[] = [
  queryCostsTool,
  explainChangeTool,
  findAnomaliesTool,
  forecastCostsTool,
  findResourcesTool,
  findRecommendationsTool,
  describeFreshnessTool,
  checkBillTool,
  proposeRemediationTool,
  showSavingsTool,
  showBudgetsTool,
  unitCostsTool,
  showInsightsTool,
  describeDataTool,
  querySqlTool,
];

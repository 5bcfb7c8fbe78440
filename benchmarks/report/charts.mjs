// Which plots a result has, each with its file's name: bars for a scenario, lines for one that comes in sizes.
import { bars, lines } from './svg.mjs';

const present = ({ entries }) => entries.filter(({ failure }) => failure === undefined);

/** The plots of one scenario: of the metric that is compared. Scenarios of one row have none. */
export function chartsOf(scenario) {
  const [metric] = scenario.metrics;
  const rows = present(scenario)
    .filter(({ metrics }) => metrics[metric.name]?.median > 0)
    .map(({ title, metrics }) => ({ title, ...metrics[metric.name] }));
  if (rows.length < 2 || scenario.group !== undefined) return [];
  const title = `${scenario.title}, ${metric.title}`;
  return [
    {
      file: `${scenario.name}.svg`,
      alt: title,
      draw: () => bars({ ...metric, title, rows }),
    },
  ];
}

/** The plots of a group of scenarios that differ in size: one a metric. */
export function groupCharts(group, scenarios) {
  const titles = [...new Set(scenarios.flatMap((one) => present(one).map(({ title }) => title)))];
  const metrics = scenarios[0].metrics.filter(({ better }) => better === 'higher');
  return metrics.map((metric) => ({
    file: `${group.toLowerCase().replaceAll(' ', '-')}-${metric.title}.svg`,
    alt: `${group}, ${metric.title}`,
    draw: () =>
      lines({
        ...metric,
        title: `${group}, ${metric.title}`,
        steps: scenarios.map(({ label }) => label),
        series: titles.map((title) => ({
          title,
          values: scenarios.map(
            (one) =>
              present(one).find((entry) => entry.title === title)?.metrics[metric.name]?.median,
          ),
        })),
      }),
  }));
}

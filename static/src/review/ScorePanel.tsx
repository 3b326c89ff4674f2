import { useMedia } from "../run/useRun";
import { t, tn } from "../words/t";
import { drawCourse, NARROW, WIDE } from "./course";
import type { Report } from "./report";
import { headline, score, stopWords, verdict } from "./words";

interface ScoreProps {
  readonly report: Report;
  readonly running: boolean;
  /** What the review does right now, in words. */
  readonly doing: string;
}

/** The score, large, with its course and the reason why the loop stopped. */
export function ScorePanel({ report, running, doing }: ScoreProps) {
  const fixed = report.passes.reduce((sum, pass) => sum + pass.applied.length, 0);
  const gain = gainOf(report);
  return (
    <section className="panel score" aria-labelledby="rv-score" data-verdict={verdict(report)}>
      <h2 className="visually-hidden" id="rv-score">
        {t("Score")}
      </h2>
      <Dial value={report.score} threshold={report.threshold} />
      <div className="score__words" aria-live="polite">
        <p className="score__verdict">{headline(report, running)}</p>
        <p className="muted">{running ? doing : stopWords(report)}</p>
        <p className="chips score__chips">
          <span className="chip">
            {t("threshold {threshold}", { threshold: score(report.threshold) })}
          </span>
          {gain >= 0.005 && (
            <span className="chip chip--ok">
              {t("+{gain} since the start", { gain: score(gain) })}
            </span>
          )}
          <span className="chip">
            {tn("{count} finding left", "{count} findings left", report.count)}
          </span>
          <span className="chip">{t("{fixed} fixed", { fixed })}</span>
          {!report.gate.ok && (
            <span className="chip chip--error">
              {t("gate: {failOn}", { failOn: report.gate.failOn })}
            </span>
          )}
        </p>
      </div>
      <figure className="score__course">
        <figcaption className="meta">{t("Score after each pass")}</figcaption>
        <Course report={report} />
      </figure>
      {Object.keys(report.terms).length > 0 && <Terms terms={report.terms} />}
    </section>
  );
}

const RADIUS = 48;

/** The score as a ring, with a notch where the threshold is. */
function Dial({ value, threshold }: { value: number | null; threshold: number }) {
  const label =
    value === null ? t("No score yet") : t("Quality score {value} of 10", { value: score(value) });
  const angle = (threshold / 10) * 360 - 90;
  return (
    <svg className="dial rv-dial" viewBox="0 0 112 112" role="img" aria-label={label}>
      <circle className="dial__track" cx="56" cy="56" r={RADIUS} strokeWidth="8" />
      {value !== null && value > 0 && (
        <circle
          className="dial__value"
          cx="56"
          cy="56"
          r={RADIUS}
          strokeWidth="8"
          pathLength="100"
          strokeDasharray={`${value * 10} 100`}
          transform="rotate(-90 56 56)"
        />
      )}
      <line
        className="rv-dial__notch"
        x1={56 + RADIUS - 6}
        x2={56 + RADIUS + 6}
        y1="56"
        y2="56"
        transform={`rotate(${angle} 56 56)`}
      />
      <text x="56" y="63">
        {value === null ? "–" : score(value)}
      </text>
      <text className="dial__of" x="56" y="81">
        {t("of 10")}
      </text>
    </svg>
  );
}

function Course({ report }: { report: Report }) {
  const small = useMedia("(max-width: 640px)");
  const drawing = drawCourse(report.course, report.threshold, small ? NARROW : WIDE);
  const { points, left, right, bottom, thresholdY } = drawing;
  const label = points.map((point) => `${point.name}: ${score(point.score)}`).join(", ");
  return (
    <svg
      className="course"
      viewBox={`0 0 ${drawing.width} ${drawing.height}`}
      role="img"
      aria-label={label || t("No score yet")}
    >
      <line className="course__axis" x1={left} y1={bottom} x2={right} y2={bottom} />
      <line className="course__threshold" x1={left} y1={thresholdY} x2={right} y2={thresholdY} />
      <text x={left} y={thresholdY - 5}>
        {score(report.threshold)}
      </text>
      <path className="course__line" d={drawing.path || "M0 0"} />
      {points.map((point, index) => (
        <g key={point.name}>
          <circle
            className={`course__point${index === points.length - 1 ? " course__point--last" : ""}`}
            cx={point.x}
            cy={point.y}
            r="4"
          >
            <title>{`${point.name}: ${score(point.score)}, ${tn("{count} finding", "{count} findings", point.findings)}`}</title>
          </circle>
          <text className="course__value" x={point.x} y={point.y - 10} textAnchor="middle">
            {score(point.score)}
          </text>
          <text x={point.x} y={bottom + 18} textAnchor="middle">
            {point.name}
          </text>
        </g>
      ))}
    </svg>
  );
}

/** Where the points were lost, the most first. */
function Terms({ terms }: { terms: Report["terms"] }) {
  const sorted = Object.entries(terms).sort(([, a], [, b]) => b - a);
  const most = sorted[0]?.[1] ?? 1;
  return (
    <details className="disclosure rv-terms">
      <summary>{t("Where the points went")}</summary>
      <dl className="rv-terms__list">
        {sorted.map(([name, points]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <svg className="meter" viewBox="0 0 72 6" aria-hidden="true">
                <rect className="meter__track" width="72" height="6" rx="3" />
                <rect
                  className="meter__value"
                  data-level="warn"
                  width={Math.max(2, (points / most) * 72)}
                  height="6"
                  rx="3"
                />
              </svg>
              −{score(points)}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function gainOf(report: Report): number {
  const [first] = report.course;
  const last = report.course.at(-1);
  return first && last ? last.score - first.score : 0;
}

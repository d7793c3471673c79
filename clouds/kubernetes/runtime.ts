/** What tells a runtime in the name of an image. A guess: names are free. */
const RUNTIMES: readonly (readonly [runtime: string, pattern: RegExp])[] = [
  [
    'jvm',
    /(^|[^a-z])(open)?(jdk|jre|java)\d*([^a-z]|$)|temurin|corretto|graalvm|tomcat|wildfly|spring|kafka|zookeeper|elasticsearch|opensearch(?!-dashboards)|logstash|cassandra|keycloak|jenkins|solr|neo4j|trino/,
  ],
  ['node', /(^|[^a-z])(nodejs\d*|node\d*([^a-z-]|$))/],
  ['python', /(^|[^a-z])(python|django|flask|jupyter)\d*([^a-z]|$)/],
  ['dotnet', /dotnet|aspnet/],
  ['ruby', /(^|[^a-z])(ruby|rails)\d*([^a-z]|$)/],
  ['php', /(^|[^a-z])(php|wordpress|drupal)\d*([^a-z]|$)/],
];

/**
 * Returns what a container's program runs in, such as 'jvm': because it reports as one, or else as its image's name lets one guess;
 * undefined when neither tells. A JVM takes the memory it is given whether it needs it or not.
 */
export function runtimeOf(image: string | undefined, reportsJvm: boolean): string | undefined {
  if (reportsJvm) return 'jvm';
  const name = image?.toLowerCase().replace(/@sha256:.*/, '');
  return name === undefined ? undefined : RUNTIMES.find(([, pattern]) => pattern.test(name))?.[0];
}

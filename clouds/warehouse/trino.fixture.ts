import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A Trino of its own, with a catalog `memory` that holds tables. */
export interface TrinoServer {
  url: string;
  stop(): Promise<void>;
}

/** The newest that runs on Java 17. Its Maven artifacts are those of its own tests: a whole server in one process. */
const VERSION = '435';

/** Starts Trino on a free port of this machine, its jars from the Maven registry, and fails loudly where Maven or Java is missing. */
export async function openTrino(): Promise<TrinoServer> {
  const jars = join(homedir(), '.cache', `penny-trino-${VERSION}`);
  const folder = mkdtempSync(join(tmpdir(), 'penny-trino-'));
  writeFileSync(join(folder, 'pom.xml'), POM);
  writeFileSync(join(folder, 'StartTrino.java'), START);
  const fetched = [
    '-q',
    '-B',
    '-f',
    join(folder, 'pom.xml'),
    'dependency:copy-dependencies',
    `-DoutputDirectory=${jars}`,
  ];
  await ended('mvn', fetched);
  const server = spawn('java', ['-Xmx1g', '-cp', `${jars}/*`, join(folder, 'StartTrino.java')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    server.once('error', (cause) => reject(new Error('java is missing: these tests need Java 17.', { cause })));
    server.once('exit', (code) => reject(new Error(`Trino ended (${code}): ${said}`)));
    for (const input of [server.stdout, server.stderr]) {
      createInterface({ input }).on('line', (line) => {
        said = `${said}\n${line}`.slice(-4000);
        const ready = /READY (http:\S+)/.exec(line)?.[1];
        if (ready !== undefined) resolve(ready);
      });
    }
  });
  return {
    url,
    stop: () =>
      new Promise((resolve) => {
        server.removeAllListeners('exit');
        server.once('exit', () => {
          rmSync(folder, { recursive: true, force: true });
          resolve();
        });
        server.kill('SIGKILL');
      }),
  };
}

function ended(command: string, given: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, given, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const output of [child.stdout, child.stderr])
      output.on('data', (chunk) => (said = `${said}${chunk}`.slice(-2000)));
    child.once('error', (cause) => reject(new Error(`${command} is missing: these tests need it.`, { cause })));
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${command} ended (${code}): ${said}`))));
  });
}

const dependency = (name: string, more = ''): string =>
  `<dependency><groupId>io.trino</groupId><artifactId>${name}</artifactId><version>${VERSION}</version>${more}</dependency>`;

// The versions that belong together are those of its root.
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>penny</groupId><artifactId>trino</artifactId><version>1</version>
<dependencyManagement><dependencies>${dependency('trino-root', '<type>pom</type><scope>import</scope>')}</dependencies></dependencyManagement>
<dependencies>${dependency('trino-testing')}${dependency('trino-memory')}</dependencies></project>`;

const START = `import io.trino.plugin.memory.MemoryPlugin;
import io.trino.server.testing.TestingTrinoServer;
import java.util.Map;

public class StartTrino {
    public static void main(String[] arguments) throws Exception {
        TestingTrinoServer server = TestingTrinoServer.create();
        server.installPlugin(new MemoryPlugin());
        server.createCatalog("memory", "memory", Map.of());
        System.out.println("READY " + server.getBaseUrl());
        Thread.currentThread().join();
    }
}
`;

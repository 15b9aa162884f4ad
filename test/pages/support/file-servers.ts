/** nginx and Caddy over a folder, each on loopback with the header file that the folder came with. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

export interface FileServer {
  readonly name: string;
  /** `undefined` where it is not installed. */
  readonly executable: string | undefined;
  /** Writes its configuration into `home` and gives the arguments that start it in the foreground. */
  configure(home: string, folder: string, port: number): readonly string[];
}

const find = (name: string): string | undefined =>
  ["/usr/sbin", "/usr/bin", "/usr/local/bin"]
    .map((at) => join(at, name))
    .find((p) => existsSync(p));

export const NGINX: FileServer = {
  name: "nginx",
  executable: find("nginx"),
  configure(home, folder, port) {
    for (const name of ["body", "proxy", "fastcgi", "uwsgi", "scgi"]) mkdirSync(join(home, name));
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map((name) => `${name}_temp_path ${join(home, name.replace("client_", ""))};`)
      .join("\n");
    const file = join(home, "nginx.conf");
    writeFileSync(
      file,
      `${process.getuid?.() === 0 ? "user root;" : ""}
      daemon off; master_process off;
      pid ${join(home, "nginx.pid")};
      error_log stderr;
      events {}
      http {
        access_log off;
        ${temporary}
        types { text/html html; text/css css; text/javascript js; image/svg+xml svg; application/json json; }
        server {
          listen 127.0.0.1:${port};
          location / {
            root ${folder};
            include ${folder}.nginx.conf;
          }
        }
      }`,
    );
    return ["-e", "stderr", "-p", home, "-c", file];
  },
};

export const CADDY: FileServer = {
  name: "Caddy",
  executable: find("caddy"),
  configure(home, folder, port) {
    const file = join(home, "Caddyfile");
    writeFileSync(
      file,
      `{
        admin off
        auto_https off
      }
      http://127.0.0.1:${port} {
        root * ${folder}
        import ${folder}.Caddyfile
      }`,
    );
    return ["run", "--config", file, "--adapter", "caddyfile"];
  },
};

/** Starts it over a folder that `writeWeb` made; `home` is an empty directory of its own. */
export async function serveFolder(server: FileServer, home: string, folder: string) {
  if (server.executable === undefined) {
    throw new Error(`SIPSTER_REQUIRE_FILE_SERVERS: no ${server.name} found`);
  }
  const port = await freePort();
  mkdirSync(home);
  const child = spawn(server.executable, server.configure(home, folder, port), {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, HOME: home },
  });
  let log = "";
  child.stderr.on("data", (part: Buffer) => (log += part.toString()));
  const ended = once(child, "close");
  const url = `http://127.0.0.1:${port}/`;
  while ((await fetch(url).catch(() => null)) === null) {
    if (child.exitCode !== null) throw new Error(`${server.name} did not start: ${log}`);
    await pause(50);
  }
  return {
    url,
    async close() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await once(server.close(), "close");
  return port;
}

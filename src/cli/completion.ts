/** `sipster completion SHELL`: a script that completes commands and options. */
import { Argument, Command } from "commander";
import type { CommandEntry, RegisterCommand } from "./command.js";
import type { Io } from "./io.js";

const EXAMPLES = `Examples:
  sipster completion bash > ~/.local/share/bash-completion/completions/sipster
  sipster completion zsh > "\${fpath[1]}/_sipster"
  sipster completion fish > ~/.config/fish/completions/sipster.fish
`;

interface Completed {
  readonly name: string;
  readonly description: string;
  /** Long options, and the names of its subcommands. */
  readonly words: readonly string[];
}

export const registerCompletion =
  (commands: readonly CommandEntry[]): RegisterCommand =>
  (sub, io) => {
    sub
      .addHelpText("before", EXAMPLES)
      .addArgument(new Argument("<shell>").choices(["bash", "zsh", "fish"]))
      .option("--json", "print the commands and their options as JSON")
      .action(async (shell: "bash" | "zsh" | "fish", { json }: { json?: true }) => {
        const all = await describeCommands(commands, io);
        if (json === true) io.json({ format: "sipster/commands@1", commands: all });
        else io.out(SCRIPTS[shell](all));
      });
  };

/** Loads every command to learn its options; nothing of any command runs. */
async function describeCommands(commands: readonly CommandEntry[], io: Io): Promise<Completed[]> {
  return Promise.all(
    commands.map(async ({ name, description, load }) => {
      const command = new Command(name);
      (await load())(command, io, () => undefined);
      const options = command.options.flatMap((o) => (o.long === undefined ? [] : [o.long]));
      const words = [...command.commands.map((c) => c.name()), ...options, "--help"];
      return { name, description, words };
    }),
  );
}

const SCRIPTS = {
  bash: (all: readonly Completed[]) => `# sipster: completion for bash
_sipster() {
  local words
  case "\${COMP_WORDS[1]}" in
${all.map(({ name, words }) => `    ${name}) words="${words.join(" ")}" ;;`).join("\n")}
    *) words="${all.map(({ name }) => name).join(" ")} --help --version" ;;
  esac
  [ "$COMP_CWORD" -eq 1 ] && words="${all.map(({ name }) => name).join(" ")} --help --version"
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _sipster sipster`,
  zsh: (all: readonly Completed[]) => `#compdef sipster
_sipster() {
  local -a names
  names=(
${all.map(({ name, description }) => `    '${name}:${quoted(description)}'`).join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command names
    return
  fi
  case "$words[2]" in
${all.map(({ name, words }) => `    ${name}) compadd -- ${words.join(" ")}; _files ;;`).join("\n")}
  esac
}
compdef _sipster sipster`,
  fish: (all: readonly Completed[]) =>
    [
      "# sipster: completion for fish",
      ...all.flatMap(({ name, description, words }) => [
        `complete -c sipster -n __fish_use_subcommand -a ${name} -d '${quoted(description)}'`,
        ...words.map((word) =>
          word.startsWith("--")
            ? `complete -c sipster -n '__fish_seen_subcommand_from ${name}' -l ${word.slice(2)}`
            : `complete -c sipster -n '__fish_seen_subcommand_from ${name}' -a ${word}`,
        ),
      ]),
    ].join("\n"),
};

function quoted(text: string): string {
  return text.replaceAll("'", "’").replaceAll(":", ",");
}

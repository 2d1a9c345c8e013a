/** Shells that completion scripts exist for. */
export const shells = ["bash", "zsh", "fish"] as const;

// Each script asks `tenon __complete WORDS…`, which answers with a line per candidate, the candidate
// and a tab and a description, and a last line `:files`, `:directories` or `:none`.

const bash = `# bash completion for tenon
_tenon() {
  local answer directive line
  answer=$("\${COMP_WORDS[0]}" __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null) || return
  directive=\${answer##*$'\\n'}
  COMPREPLY=()
  while IFS= read -r line; do
    [[ $line == :* ]] || COMPREPLY+=("\${line%%$'\\t'*}")
  done <<< "$answer"
  if [[ $directive == :files ]]; then
    compopt -o filenames
    mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")
  elif [[ $directive == :directories ]]; then
    compopt -o filenames
    mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "\${COMP_WORDS[COMP_CWORD]}")
  fi
}
complete -F _tenon tenon
`;

const zsh = `#compdef tenon
_tenon() {
  local -a lines candidates
  local line
  lines=("\${(@f)$("\${words[1]}" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in "\${lines[@]}"; do
    [[ $line == :* || -z $line ]] || candidates+=("\${\${line//:/\\\\:}/$'\\t'/:}")
  done
  (( \${#candidates} )) && _describe tenon candidates
  case \${lines[-1]} in
    :files) _files ;;
    :directories) _files -/ ;;
  esac
}
if [[ \${funcstack[1]} == _tenon ]]; then _tenon "$@"; else compdef _tenon tenon; fi
`;

const fish = `# fish completion for tenon
function __tenon_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  set -l lines ($words[1] __complete $words[2..-1] "$current" 2>/dev/null)
  string match -v -r '^:' -- $lines
  switch "$lines[-1]"
    case :files
      __fish_complete_path "$current"
    case :directories
      __fish_complete_directories "$current"
  end
end
complete -c tenon -f -a '(__tenon_complete)'
`;

/** The completion script of a shell. */
export function completionScript(shell: (typeof shells)[number]): string {
  return { bash, zsh, fish }[shell];
}

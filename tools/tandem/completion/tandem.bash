# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Bash completion for tandem(1). The words come from the daemon itself ("tandem complete"):
# commands, phones, numbers and calls as they are now. Options and file names are known here.

# _tandem_words - the line's words without our options, up to the cursor, in "line"; the
# options that choose the daemon in "which"
_tandem_words() {
	local i word
	line=() which=()
	for ((i = 1; i <= COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		[ "$i" -eq "$COMP_CWORD" ] && { line+=("$word"); return; }
		case $word in
		-n | --instance | --run-dir)
			which+=("$word" "${COMP_WORDS[i + 1]-}")
			i=$((i + 1))
			# bash parts "--run-dir=X" at the "="
			[ "${COMP_WORDS[i]}" = = ] && which[-1]=${COMP_WORDS[++i]-} ;;
		--watch) [ "${COMP_WORDS[i + 1]-}" = = ] && i=$((i + 2)) ;;
		-*) ;;
		*) line+=("$word") ;;
		esac
	done
}

_tandem_instances() {
	local dir
	for dir in /run/tandem/*/; do
		[ -S "${dir}ctl" ] && basename "$dir"
	done
}

_tandem() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} line which
	COMPREPLY=()
	case $prev in
	-n | --instance)
		mapfile -t COMPREPLY < <(compgen -W "$(_tandem_instances)" -- "$cur")
		return ;;
	--run-dir)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return ;;
	esac
	_tandem_words
	case ${line[0]-}:$prev in
	capture:-w)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return ;;
	capture:-c | capture:--seconds) return ;;
	detach:--pin-dir)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return ;;
	esac
	if [[ ${line[0]-} == detach ]]; then
		mapfile -t COMPREPLY < <(compgen -W "--all --pin-dir" -- "$cur")
		return
	fi
	if [[ ${line[0]-} == capture && $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "-w -c --seconds" -- "$cur")
		return
	fi
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "-n --instance --run-dir --json --watch -V --version
			-h --help" -- "$cur")
		return
	fi
	case ${line[0]-} in
	check)
		[ ${#line[@]} -eq 2 ] || return
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return ;;
	reference)
		[ ${#line[@]} -eq 2 ] && mapfile -t COMPREPLY < <(compgen -W "md man json" -- "$cur")
		return ;;
	help) line=("${line[@]:1}") ;;
	esac
	mapfile -t COMPREPLY < <("${COMP_WORDS[0]}" "${which[@]}" complete "${line[@]}" 2>/dev/null)
}

complete -F _tandem tandem

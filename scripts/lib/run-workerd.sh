#!/bin/sh
# Runs in place of workerd: notes its process id, so that the launcher's watchdog can end it, then becomes it.
echo $$ >"$ROOST_PID_FILE"
exec "$ROOST_WORKERD" "$@"

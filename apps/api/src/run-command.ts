import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandReply, type CommandRequest, CommandService } from '@letopis/platform';

/** Any command of the domain, on its way to the one handler that carries out all of them. */
export class RunCommand extends Command<CommandReply> {
  constructor(readonly request: CommandRequest) {
    super();
  }
}

@CommandHandler(RunCommand)
export class RunCommandHandler implements ICommandHandler<RunCommand> {
  constructor(@Inject(CommandService) private readonly commands: CommandService) {}

  execute({ request }: RunCommand): Promise<CommandReply> {
    return this.commands.execute(request);
  }
}

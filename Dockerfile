# syntax=docker/dockerfile:1
# The server as an image. docs/operations.md says how it is run; docker-compose.yml runs a cluster of it.
ARG DOTNET_VERSION=10.0

FROM mcr.microsoft.com/dotnet/sdk:${DOTNET_VERSION} AS build
# Local: one process, grains in it. Orleans: processes that share grains, which needs a registry with Microsoft.Orleans.
ARG ENGINE=Local
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
WORKDIR /source

# What the packages depend on comes first, so that a change of code does not fetch them again.
COPY global.json Directory.Build.props Directory.Build.targets Directory.Packages.props ./
COPY src/Api/Api.csproj src/Api/
COPY src/Domain/Domain.csproj src/Domain/
COPY src/Grains/Grains.csproj src/Grains/
COPY src/Grains.Interfaces/Grains.Interfaces.csproj src/Grains.Interfaces/
COPY src/LocalOrleans/LocalOrleans.csproj src/LocalOrleans/
COPY src/Mail/Mail.csproj src/Mail/
COPY src/Silo/Silo.csproj src/Silo/
COPY src/Storage/Storage.csproj src/Storage/
COPY src/Web/Web.csproj src/Web/
RUN dotnet restore src/Silo/Silo.csproj -p:Engine=${ENGINE}

COPY .editorconfig BannedSymbols.txt ./
COPY sql/ sql/
COPY src/ src/
RUN dotnet publish src/Silo/Silo.csproj -c Release -p:Engine=${ENGINE} -p:UseAppHost=false --no-restore -o /app

FROM mcr.microsoft.com/dotnet/aspnet:${DOTNET_VERSION}
WORKDIR /app
COPY --from=build /app .
# A volume that is mounted here for the first time takes over owner and mode. The image has a user for this, APP_UID.
RUN install -d -o "$APP_UID" -g "$APP_UID" -m 0700 /data
USER $APP_UID
EXPOSE 8000 3000
ENTRYPOINT ["dotnet", "LlmObserve.Silo.dll"]
CMD ["--urls", "http://0.0.0.0:8000", "--web-urls", "http://0.0.0.0:3000", "--data", "/data"]

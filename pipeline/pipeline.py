"""Builds the whole DAG, nodes in the order of the data."""

import json
import os
from dataclasses import dataclass

from tfx.components import (
    ExampleValidator,
    SchemaGen,
    Trainer,
    Transform,
)
from tfx.components.schema_gen.import_schema_gen.component import ImportSchemaGen
from tfx.orchestration.pipeline import Pipeline
from tfx.proto import pusher_pb2, trainer_pb2, transform_pb2

from components.bulk_inferrer.component import BulkInferrer
from components.contenders.component import Contenders
from components.decision_calibrator.component import DecisionCalibrator
from components.evaluation.eval_config import eval_config
from components.evaluator.component import Evaluator
from components.html_report.component import HtmlReport
from components.imbalance_validator.component import ImbalanceValidator
from components.minority_augmenter.component import MinorityAugmenter
from components.prediction_table.component import PredictionTable
from components.serving_validator.component import ServingValidator
from components.statistics_gen.component import StatisticsGen
from components.strategy_search.component import StrategySearch
from components.stratified_example_gen.component import StratifiedExampleGen
from components.stratified_example_gen.settings import SplitShares, SplitTime
from components.unlabelled_example_gen.component import UnlabelledExampleGen
from core.features import LABEL
from core.strategy_plan import StrategyPlan
from models.serving.pusher import Pusher
from models.tuning.component import Tuner
from pipeline.config import Experiment
from pipeline.last_blessed import MODEL, last_blessed_model
from pipeline.previous_examples import PREVIOUS, previous_examples

_OF_TRAINING = {"augmentation", "model", "loss", "training", "seed"}


@dataclass(frozen=True)
class Paths:
    """Where a run's files go.

    Attributes:
        artifacts: Folder of every stage's output.
        serving: Folder of the pushed versions.
    """

    artifacts: str
    serving: str

    @property
    def tuning(self) -> str:
        """Folder of the searches: beside the artifacts, as one that is interrupted has no artifact yet."""
        return os.path.join(os.path.dirname(self.artifacts), "tuning")


@dataclass(frozen=True)
class StrategyStage:
    """The search for the strategies that pay.

    Attributes:
        plain: The experiment with plain cross entropy.
        plan: What is tried.
        comes_last: Whether the pipeline ends with it, as what is trained is not known before.
    """

    plain: Experiment
    plan: StrategyPlan
    comes_last: bool


def create_pipeline(
    experiment: Experiment,
    paths: Paths,
    beam_args: list[str],
    with_history: bool = True,
    strategies: "StrategyStage | None" = None,
) -> Pipeline:
    """Wires the stages of an experiment; no orchestrator is chosen yet.

    Args:
        experiment: What to run.
        paths: Where the files go.
        beam_args: Arguments of Beam's runner.
        with_history: Whether the last run's data and blessed model are looked up. Kubeflow knows no such node.
        strategies: The search for the strategies that pay, before all that it decides; None is none.
    """
    data = experiment.data
    image = data.image_feature
    raw_features = {"label": data.label, "image": image}
    costs = experiment.decision.costs
    amounts = () if costs is None else costs.columns

    example_gen = StratifiedExampleGen(data, experiment.seed)
    statistics_gen = StatisticsGen(examples=example_gen.outputs["examples"])
    schema_gen = (
        # Shapes are left open, so that a feature may be missing when the model is served.
        SchemaGen(statistics=statistics_gen.outputs["statistics"], infer_feature_shape=False)
        if data.schema_path is None
        else ImportSchemaGen(schema_file=data.schema_path)
    )
    example_validator = ExampleValidator(
        statistics=statistics_gen.outputs["statistics"], schema=schema_gen.outputs["schema"]
    )
    bulk = experiment.bulk_inference
    new_examples = (
        UnlabelledExampleGen(schema_gen.outputs["schema"], bulk, data, amounts) if bulk is not None else None
    )
    history = previous_examples(example_gen.outputs["examples"]) if with_history else None
    imbalance_validator = ImbalanceValidator(
        examples=example_gen.outputs["examples"],
        statistics=statistics_gen.outputs["statistics"],
        schema=schema_gen.outputs["schema"],
        anomalies=example_validator.outputs["anomalies"],
        previous_examples=history.outputs[PREVIOUS] if history else None,
        validation=experiment.validation.model_dump_json(),
        label=data.label,
        image=image or "",
        has_groups=data.group is not None,
        splits_given=not isinstance(data.splits, SplitShares | SplitTime),
        time_gap=data.splits.gap if isinstance(data.splits, SplitTime) else -1,
    )
    transform = Transform(
        examples=example_gen.outputs["examples"],
        schema=schema_gen.outputs["schema"],
        preprocessing_fn="models.transform.preprocessing_fn",
        # What is learnt of the data is learnt from train alone; test is transformed inside the SavedModel.
        splits_config=transform_pb2.SplitsConfig(analyze=["train"], transform=["train", "eval"]),
        custom_config=raw_features,
        # Nobody reads them; StatisticsGen's are of the same records.
        disable_statistics=True,
    )
    # It takes nothing from the validator, but must not begin before the data are found fit.
    transform.add_upstream_node(imbalance_validator)
    minority_augmenter = MinorityAugmenter(
        examples=transform.outputs["transformed_examples"],
        transform_graph=transform.outputs["transform_graph"],
        augmentation=experiment.augmentation.model_dump_json(),
        seed=experiment.seed,
    )
    training_settings = {**raw_features, **experiment.model_dump(mode="json", include=_OF_TRAINING)}
    strategy_search = (
        StrategySearch(
            examples=transform.outputs["transformed_examples"],
            transform_graph=transform.outputs["transform_graph"],
            training=json.dumps(
                {**raw_features, **strategies.plain.model_dump(mode="json", include=_OF_TRAINING)}
            ),
            plan=strategies.plan.model_dump_json(),
            folder=paths.tuning,
            search_fn="models.strategies.search.search_fn",
            judge_fn="components.strategy_search.judge.judge",
            augment_fn="components.minority_augmenter.augment.augment",
        )
        if strategies is not None
        else None
    )
    if strategy_search is not None:
        # It takes nothing from the validator, but must not begin before the data are found fit.
        strategy_search.add_upstream_node(imbalance_validator)
    tuner = (
        Tuner(
            tuner_fn="models.tuner.tuner_fn",
            examples=minority_augmenter.outputs["augmented_examples"],
            transform_graph=transform.outputs["transform_graph"],
            train_args=trainer_pb2.TrainArgs(splits=["train"]),
            eval_args=trainer_pb2.EvalArgs(splits=["eval"]),
            custom_config={
                **training_settings,
                "tuner": experiment.tuner.model_dump(mode="json"),
                "tuning_dir": paths.tuning,
            },
        )
        if experiment.tuner.enabled
        else None
    )
    trainer = Trainer(
        run_fn="models.trainer.run_fn",
        examples=minority_augmenter.outputs["augmented_examples"],
        transform_graph=transform.outputs["transform_graph"],
        train_args=trainer_pb2.TrainArgs(splits=["train"]),
        eval_args=trainer_pb2.EvalArgs(splits=["eval"]),
        hyperparameters=tuner.outputs["best_hyperparameters"] if tuner else None,
        custom_config={**training_settings, "max_image_pixels": data.max_image_pixels},
    )
    decision_calibrator = DecisionCalibrator(
        model=trainer.outputs["model"],
        model_run=trainer.outputs["model_run"],
        examples=example_gen.outputs["examples"],
        class_priors=minority_augmenter.outputs["class_priors"],
        decision=experiment.decision.model_dump_json(by_alias=True),
        label=data.label,
        seed=experiment.seed,
        serving=experiment.serving.model_dump_json(),
    )
    decided_model = decision_calibrator.outputs["decided_model"]
    contenders = (
        Contenders(
            examples=example_gen.outputs["examples"],
            # Not the augmented ones: contenders stand for what is done without this project.
            transformed_examples=transform.outputs["transformed_examples"],
            transform_graph=transform.outputs["transform_graph"],
            names=json.dumps(experiment.evaluation.contenders),
            decision=experiment.decision.model_dump_json(by_alias=True),
            model=experiment.model.model_dump_json(),
            embed_fn="models.embeddings.embed_fn",
            seed=experiment.seed,
        )
        if experiment.evaluation.contenders
        else None
    )
    last_blessed = last_blessed_model(decided_model) if with_history else None
    evaluator = Evaluator(
        examples=example_gen.outputs["examples"],
        example_splits=["test"],
        model=decided_model,
        baseline_model=last_blessed.outputs[MODEL] if last_blessed else None,
        eval_config=eval_config(data.label, LABEL, experiment.evaluation, amounts),
    )
    serving_validator = ServingValidator(
        model=decided_model,
        model_run=trainer.outputs["model_run"],
        transform_graph=transform.outputs["transform_graph"],
        examples=example_gen.outputs["examples"],
        schema=schema_gen.outputs["schema"],
        predict_fn="models.serving.python_model.predict_fn",
        settings=experiment.serving_validation.model_dump_json(),
        label=data.label,
        image=image or "",
    )
    model_pusher = Pusher(
        model=decided_model,
        model_blessing=evaluator.outputs["blessing"],
        infra_blessing=serving_validator.outputs["blessing"],
        push_destination=pusher_pb2.PushDestination(
            filesystem=pusher_pb2.PushDestination.Filesystem(base_directory=paths.serving)
        ),
    )
    bulk_inferrer = (
        BulkInferrer(
            examples=new_examples.outputs["examples"],
            model=decided_model,
            model_blessing=evaluator.outputs["blessing"],
        )
        if new_examples
        else None
    )
    prediction_table = (
        PredictionTable(
            inference_result=bulk_inferrer.outputs["inference_result"],
            pushed_model=model_pusher.outputs["pushed_model"],
        )
        if bulk_inferrer
        else None
    )
    html_report = HtmlReport(
        examples=example_gen.outputs["examples"],
        model_run=trainer.outputs["model_run"],
        model=decided_model,
        evaluation=evaluator.outputs["evaluation"],
        imbalance_report=imbalance_validator.outputs["imbalance_report"],
        class_priors=minority_augmenter.outputs["class_priors"],
        augmented_examples=minority_augmenter.outputs["augmented_examples"],
        transform_graph=transform.outputs["transform_graph"],
        explain_fn="models.explain.explain_fn",
        tuner_results=tuner.outputs["tuner_results"] if tuner else None,
        infra_blessing=serving_validator.outputs["blessing"],
        contenders=contenders.outputs["results"] if contenders else None,
        strategies=strategy_search.outputs["strategies"] if strategy_search else None,
        experiment=experiment.model_dump_json(by_alias=True),
        label=data.label,
    )
    html_report.add_upstream_node(model_pusher)
    before_training = [
        example_gen,
        statistics_gen,
        schema_gen,
        example_validator,
        *([new_examples] if new_examples else []),
        *([history] if history else []),
        imbalance_validator,
        transform,
        *([strategy_search] if strategy_search else []),
    ]
    training_to_report = (
        []
        if strategies is not None and strategies.comes_last
        else [
            minority_augmenter,
            *([tuner] if tuner else []),
            trainer,
            decision_calibrator,
            *([last_blessed] if last_blessed else []),
            evaluator,
            *([contenders] if contenders else []),
            serving_validator,
            model_pusher,
            *([bulk_inferrer] if bulk_inferrer else []),
            *([prediction_table] if prediction_table else []),
            html_report,
        ]
    )
    return Pipeline(
        pipeline_name=experiment.name,
        pipeline_root=paths.artifacts,
        components=[*before_training, *training_to_report],
        enable_cache=True,
        beam_pipeline_args=beam_args,
    )
